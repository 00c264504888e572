#include "treadle/graph/gradient.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace treadle {
namespace {

class Differentiation final : public GradientBuilder {
 public:
  Differentiation(Graph forward, std::span<const int> wanted, GradientForm form)
      : num_forward_(int(forward.nodes.size())), wanted_(wanted), form_(form) {
    result_.graph = std::move(forward);
    result_.num_forward_nodes = num_forward_;
    result_.head_nodes.assign(graph().outputs.size(), -1);
    contributions_.resize(size_t(graph().num_entries));
    heads_.resize(size_t(graph().num_entries));
  }

  GradientGraph run() {
    find_needed();
    for (size_t i = 0; i < graph().outputs.size(); ++i) {
      heads_[size_t(graph().entry_id(graph().outputs[i]))].push_back(int(i));
    }
    for (int n = num_forward_ - 1; n >= 0; --n) {
      if (is_needed_[size_t(n)] && !graph().nodes[size_t(n)].is_variable()) differentiate(n);
    }
    for (int n : wanted_) {
      const Entry variable{n, 0};
      const Entry gradient = gradient_of(variable);
      result_.gradients.push_back(gradient.is_valid() ? gradient : zeros_like(variable));
    }
    give_each_its_own();
    return std::move(result_);
  }

  Entry in(int i) const override { return graph().nodes[size_t(node_)].inputs[size_t(i)]; }
  Entry out(int i) const override { return {node_, i}; }
  Entry out_grad(int i) override {
    const Entry gradient = gradient_of(out(i));
    return gradient.is_valid() ? gradient : zeros_like(out(i));
  }
  using GradientBuilder::apply;
  Entry apply(std::string_view op, std::span<const Entry> inputs,
              const ParamText& params) override {
    return add_op(op, inputs, params, node_);
  }
  void set_in_grad(int i, Entry gradient) override { contribute(in(i), gradient); }

 private:
  Graph& graph() { return result_.graph; }
  const Graph& graph() const { return result_.graph; }

  // Nodes on a path from a wanted variable: only they take part.
  void find_needed() {
    is_needed_.assign(size_t(num_forward_), false);
    for (int n : wanted_) is_needed_[size_t(n)] = true;
    for (int n = 0; n < num_forward_; ++n) {
      const GraphNode& node = graph().nodes[size_t(n)];
      // States are updated, not differentiated.
      const auto last = node.inputs.end() - node.num_aux;
      if (std::any_of(node.inputs.begin(), last,
                      [&](Entry e) { return is_needed_[size_t(e.node)]; })) {
        is_needed_[size_t(n)] = true;
      }
    }
  }

  bool has_gradient(Entry entry) const {
    const size_t id = size_t(graph().entry_id(entry));
    return !contributions_[id].empty() || !heads_[id].empty();
  }

  void contribute(Entry to, Entry gradient) {
    if (is_needed_[size_t(to.node)])
      contributions_[size_t(graph().entry_id(to))].push_back(gradient);
  }

  // The sum of all that has arrived at `entry`, as one entry; invalid when nothing has.
  Entry gradient_of(Entry entry) {
    const size_t id = size_t(graph().entry_id(entry));
    // Adding a node moves `contributions_`, so no reference into it is held.
    for (int output : std::exchange(heads_[id], {})) {
      GraphNode head;
      head.head_of = entry;
      const int added = add_node(std::move(head));
      result_.head_nodes[size_t(output)] = added;
      contributions_[id].push_back({added, 0});
    }
    if (contributions_[id].empty()) return {};
    if (contributions_[id].size() > 1) {
      const std::vector<Entry> parts = contributions_[id];
      contributions_[id] = {
          add_op("add_n", parts, {{"num_args", std::to_string(parts.size())}}, entry.node)};
    }
    return contributions_[id][0];
  }

  void differentiate(int n) {
    node_ = n;
    const OpRecord& op = *graph().nodes[size_t(n)].op;
    const int num_outputs = graph().nodes[size_t(n)].num_outputs;
    bool is_reached = false;
    for (int i = 0; i < num_outputs; ++i) is_reached = is_reached || has_gradient(out(i));
    if (!is_reached) return;

    const void* const params = graph().nodes[size_t(n)].params.get();
    switch (op.gradient_kind) {
      case GradientKind::zero: return;
      case GradientKind::graph: return op.compose_gradient(params, *this);
      case GradientKind::kernel:
        if (form_ == GradientForm::operators && op.compose_gradient != nullptr &&
            (op.composes == nullptr || op.composes(params))) {
          return op.compose_gradient(params, *this);
        }
        return add_backward(n, op);
      case GradientKind::none:
        throw Error(graph().describe(n), ": the operator has no gradient, but one is asked of ",
                    graph().describe(wanted_ancestor(n)),
                    " through it. Bind that argument with the gradient request 'null', or put a "
                    "BlockGrad in between.");
    }
  }

  void add_backward(int n, const OpRecord& op) {
    GraphNode backward;
    {
      const GraphNode& node = graph().nodes[size_t(n)];
      backward.source = node.source;
      backward.params = node.params;
      backward.num_outputs = int(node.inputs.size()) - node.num_aux;
    }
    backward.op = op.backward;
    backward.forward = n;
    for (Slot slot : op.backward_reads(backward.params.get())) {
      const GraphNode& node = graph().nodes[size_t(n)];
      switch (slot.kind) {
        case Slot::Kind::in: backward.inputs.push_back(node.inputs[size_t(slot.index)]); break;
        case Slot::Kind::aux:
          backward.inputs.push_back(
              node.inputs[node.inputs.size() - size_t(node.num_aux) + size_t(slot.index)]);
          // States come last in both, so that the executor knows what a kernel may update.
          ++backward.num_aux;
          break;
        case Slot::Kind::out: backward.inputs.push_back(out(slot.index)); break;
        case Slot::Kind::out_grad: backward.inputs.push_back(out_grad(slot.index)); break;
        case Slot::Kind::in_grad:
          TREADLE_INVARIANT(false, op.name, " declares that backward reads what it computes");
      }
    }
    const int num_gradients = backward.num_outputs;
    const int added = add_node(std::move(backward));
    for (int i = 0; i < num_gradients; ++i) contribute(in(i), {added, i});
  }

  Entry zeros_like(Entry entry) { return add_op("zeros_like", {&entry, 1}, {}, entry.node); }

  Entry add_op(std::string_view name, std::span<const Entry> inputs, const ParamText& params,
               int for_node) {
    const OpRecord& op = OpRegistry::instance().get(name);
    GraphNode node;
    node.source = graph().nodes[size_t(for_node)].source;
    node.op = &op;
    node.params = op.schema.parse(params, op.name);
    node.inputs.assign(inputs.begin(), inputs.end());
    node.num_outputs = int(op.outputs(node.params.get()).size());
    return {add_node(std::move(node)), 0};
  }

  int add_node(GraphNode node) {
    const int n = graph().add(std::move(node));
    contributions_.resize(size_t(graph().num_entries));
    heads_.resize(size_t(graph().num_entries));
    return n;
  }

  // A wanted gradient is written, or added, to memory of the caller. So it must be computed for
  // that place alone: one that is a head gradient, a forward array, another variable's gradient, or
  // read by a later node is copied there instead.
  void give_each_its_own() {
    std::vector<int> uses(size_t(graph().num_entries), 0);
    for (const GraphNode& node : graph().nodes) {
      for (Entry input : node.inputs) ++uses[size_t(graph().entry_id(input))];
    }
    for (Entry gradient : result_.gradients) ++uses[size_t(graph().entry_id(gradient))];
    for (size_t i = 0; i < wanted_.size(); ++i) {
      Entry& gradient = result_.gradients[i];
      const bool is_own = gradient.node >= num_forward_ &&
                          !graph().nodes[size_t(gradient.node)].is_variable() &&
                          uses[size_t(graph().entry_id(gradient))] == 1;
      if (!is_own) gradient = add_op("_copy", {&gradient, 1}, {}, wanted_[i]);
    }
  }

  int wanted_ancestor(int n) const {
    std::vector<int> stack{n};
    while (!stack.empty()) {
      const int top = stack.back();
      stack.pop_back();
      if (std::ranges::count(wanted_, top) > 0) return top;
      for (Entry input : graph().nodes[size_t(top)].inputs) {
        if (is_needed_[size_t(input.node)]) stack.push_back(input.node);
      }
    }
    return n;
  }

  const int num_forward_;
  std::span<const int> wanted_;
  const GradientForm form_;
  GradientGraph result_;
  std::vector<bool> is_needed_;
  // Per entry: the gradients that have arrived, and the outputs of the graph it stands for whose
  // head gradient has not been asked for yet (losses never do).
  std::vector<std::vector<Entry>> contributions_;
  std::vector<std::vector<int>> heads_;
  int node_ = -1;  // being differentiated
};

}  // namespace

GradientGraph add_gradients(Graph forward, std::span<const int> wanted, GradientForm form) {
  return Differentiation(std::move(forward), wanted, form).run();
}

}  // namespace treadle
