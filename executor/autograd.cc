#include "treadle/executor/autograd.h"

#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/core/value_type.h"
#include "treadle/graph/gradient.h"
#include "treadle/graph/infer.h"

namespace treadle {

// One recorded call, function or marked variable.
class TapeNode {
 public:
  TapeNode() = default;
  TapeNode(const TapeNode&) = delete;
  TapeNode& operator=(const TapeNode&) = delete;
  // Takes long tapes apart in a loop: recursion would overflow the stack.
  ~TapeNode() {
    std::vector<std::shared_ptr<TapeNode>> last;
    release(last);
    while (!last.empty()) {
      const std::shared_ptr<TapeNode> node = std::move(last.back());
      last.pop_back();
      if (node.use_count() == 1) node->release(last);
    }
  }

  // Gives up what the gradient reads, and with it the nodes before.
  void release(std::vector<std::shared_ptr<TapeNode>>& nodes) {
    for (Array& input : call.inputs) {
      Origin origin = input.origin();
      input.set_origin({});
      if (origin.node) nodes.push_back(std::move(origin.node));
    }
    for (Origin& source : sources) {
      if (source.node) nodes.push_back(std::move(source.node));
    }
    call = {};
    sources.clear();
    function = nullptr;
  }

  bool is_variable() const { return call.op == nullptr && !function && !is_spent; }

  std::string name;
  Invoked call;                 // of an operator
  GradientFunction function;    // of other work
  OperatorForm form;            // of that, if it has one
  std::vector<Origin> sources;  // per input
  std::vector<TensorSpec> outputs;
  Array gradient;  // of a marked variable
  Request request = Request::null;
  bool is_fresh = false;  // backward has reached the variable since that was last cleared
  bool is_spent = false;
};

namespace {

thread_local bool records = false, learns = false;

bool is_on_tape(const Array& array) { return array.is_valid() && array.origin().node != nullptr; }

// Where the array was recorded. Once an earlier backward has given up that tape the array is a
// constant to what is recorded from it.
Origin live_origin(const Array& array) {
  const Origin& origin = array.origin();
  return origin.node && origin.node->is_spent ? Origin() : origin;
}

// Notes where the inputs were recorded; whether any of them was.
bool note_sources(TapeNode& node, std::span<const Array> inputs) {
  bool is_any = false;
  for (const Array& input : inputs) {
    node.sources.push_back(live_origin(input));
    is_any = is_any || node.sources.back().node;
  }
  return is_any;
}

void attach(const std::shared_ptr<TapeNode>& node, std::span<Array> outputs) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].set_origin({node, int(i)});
  }
}

// Of a tape: the nodes of `graph` from `first` on that its `wanted` entries are made of.
std::vector<bool> needed_nodes(const Graph& graph, int first, std::span<const Entry> wanted) {
  std::vector<bool> needed(graph.nodes.size(), false);
  for (Entry entry : wanted) needed[size_t(entry.node)] = true;
  for (int n = int(graph.nodes.size()) - 1; n >= first; --n) {
    if (!needed[size_t(n)]) continue;
    for (Entry input : graph.nodes[size_t(n)].inputs) needed[size_t(input.node)] = true;
  }
  return needed;
}

ParamText param_text(const OpRecord& op, const Invoked& call) {
  ParamText text;
  for (auto& [name, value] : op.schema.print(call.params.get())) text[name] = value;
  return text;
}

// The gradient of the backward kernel of a linear operator: the operator itself.
std::vector<Array> differentiate_backward(const TapeNode& node,
                                          const std::vector<Array>& out_grads) {
  const OpRecord& op = *node.call.op->forward;
  if (!op.is_linear) {
    throw Error(op.name,
                ": the gradient of its gradient is asked, which is computed by a kernel and cannot "
                "be differentiated in turn. Put a BlockGrad before it, or compose it of operators "
                "whose gradients are made of operators (docs/architecture/executor.md).");
  }
  const Device device = node.call.outputs[0].device();
  std::vector<Array> inputs;
  for (size_t i = 0; i < node.outputs.size(); ++i) {
    const TensorSpec& spec = node.outputs[i];
    inputs.push_back(out_grads[i].is_valid() ? out_grads[i]
                                             : Array::zeros(spec.shape, spec.type, device));
  }
  return invoke(op.name, param_text(op, node.call), inputs, {.mode = node.call.mode});
}

// The gradients of an operator's inputs; invalid where there is none. While the thread records,
// what is queued for them is put on the tape in turn.
std::vector<Array> differentiate(const std::shared_ptr<TapeNode>& node,
                                 const std::vector<Array>& out_grads) {
  const Invoked& call = node->call;
  if (call.op->forward != nullptr) return differentiate_backward(*node, out_grads);
  const int num_arguments = int(call.inputs.size()) - call.num_aux;
  std::vector<int> wanted;
  for (int i = 0; i < num_arguments; ++i) {
    if (node->sources[size_t(i)].node) wanted.push_back(i);
  }
  GradientGraph made =
      add_gradients(single_node_graph(*call.op, call.params, call.op->name), wanted,
                    is_recording() ? GradientForm::operators : GradientForm::kernel);
  Graph& graph = made.graph;
  std::vector<Array> arrays(size_t(graph.num_entries));
  Annotations known;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    arrays[i] = call.inputs[i];
    if (is_recording()) arrays[i].set_origin(node->sources[i]);
  }
  for (size_t i = 0; i < call.outputs.size(); ++i) {
    Array& output = arrays[call.inputs.size() + i];
    output = call.outputs[i];
    if (is_recording() && output.is_valid()) output.set_origin({node, int(i)});
  }
  for (const Array& array : arrays) {
    known.shapes.push_back(array.is_valid() ? array.shape() : Shape());
    known.types.push_back(array.is_valid() ? array.type() : DType::unknown);
  }
  annotate_appended(graph, made.num_forward_nodes, known);
  for (size_t i = 0; i < made.head_nodes.size(); ++i) {
    if (made.head_nodes[i] < 0) continue;
    const size_t entry = size_t(graph.nodes[size_t(made.head_nodes[i])].first_entry);
    arrays[entry] =
        i < out_grads.size() && out_grads[i].is_valid()
            ? out_grads[i]
            : Array::zeros(known.shapes[entry], known.types[entry], call.outputs[i].device());
  }
  const std::vector<bool> needed = needed_nodes(graph, made.num_forward_nodes, made.gradients);
  for (size_t n = size_t(made.num_forward_nodes); n < graph.nodes.size(); ++n) {
    const GraphNode& each = graph.nodes[n];
    if (each.is_variable() || !needed[n]) continue;
    Invoked step;
    step.op = each.op;
    step.params = each.params;
    for (Entry input : each.inputs) step.inputs.push_back(arrays[size_t(graph.entry_id(input))]);
    const Device device = call.outputs[0].device();
    for (int i = 0; i < each.num_outputs; ++i) {
      const size_t entry = size_t(each.first_entry + i);
      arrays[entry] = Array::empty(known.shapes[entry], known.types[entry], device);
      step.outputs.push_back(arrays[entry]);
    }
    step.num_aux = each.num_aux;
    step.mode = call.mode;
    step.random = call.random;
    launch(step);
    if (is_recording()) {
      record(std::move(step),
             std::span(arrays).subspan(size_t(each.first_entry), size_t(each.num_outputs)));
    }
  }
  std::vector<Array> gradients(call.inputs.size());
  for (size_t i = 0; i < wanted.size(); ++i) {
    Array& gradient = gradients[size_t(wanted[i])];
    gradient = arrays[size_t(graph.entry_id(made.gradients[i]))];
    const Shape& expected = call.inputs[size_t(wanted[i])].shape();
    if (gradient.shape() == expected) continue;
    throw Error(call.op->name, ": its gradient cannot be differentiated for an input of shape ",
                expected, "; only matrices can be multiplied there.");
  }
  return gradients;
}

Array sum(const Array& a, const Array& b) {
  const Array inputs[] = {a, b};
  return invoke("elemwise_add", {}, inputs)[0];
}

// One walk from the heads to the variables.
class Walk {
 public:
  void start(const Array& head, const Array& gradient) {
    if (!is_on_tape(head)) {
      throw Error(
          "The gradient is asked of an array that was not recorded; compute it from a marked "
          "variable while recording is on.");
    }
    if (head.origin().node->is_spent) fail_spent(*head.origin().node);
    if (gradient.is_valid() && !(gradient.shape() == head.shape())) {
      throw Error("A head of shape ", head.shape(), " is given a gradient of shape ",
                  gradient.shape(), "; the shapes must be equal.");
    }
    add(head.origin(),
        gradient.is_valid() ? gradient : Array::full(head.shape(), 1, head.type(), head.device()));
    heads_.push_back(head.origin().node);
  }

  void run(bool retain_graph) {
    order_ = sorted();
    for (const std::shared_ptr<TapeNode>& node : order_) {
      if (node->is_variable()) continue;
      std::vector<Array>& out_grads = gradients_[node.get()];
      bool is_reached = false;
      for (const Array& gradient : out_grads) is_reached = is_reached || gradient.is_valid();
      if (is_reached) {
        out_grads.resize(node->outputs.size());
        const std::vector<Array> in_grads =
            node->function ? node->function(out_grads) : differentiate(node, out_grads);
        for (size_t i = 0; i < node->sources.size() && i < in_grads.size(); ++i) {
          if (node->sources[i].node && in_grads[i].is_valid()) add(node->sources[i], in_grads[i]);
        }
      }
      // Gradients of what lies within are not needed again.
      if (!asked_.contains(node.get())) out_grads.clear();
    }
    if (retain_graph) return;
    std::vector<std::shared_ptr<TapeNode>> released;
    for (const std::shared_ptr<TapeNode>& node : order_) {
      if (node->is_variable()) continue;
      node->is_spent = true;
      node->release(released);
    }
  }

  // The nodes that `head` is made of and itself, each behind those that it reads.
  std::vector<std::shared_ptr<TapeNode>> before(const std::shared_ptr<TapeNode>& head) {
    heads_.push_back(head);
    std::vector<std::shared_ptr<TapeNode>> order = sorted();
    return {order.rbegin(), order.rend()};
  }

  // Keeps the gradient of an output of this node.
  void ask(const Origin& origin) { asked_.insert(origin.node.get()); }
  Array gradient(const Origin& origin) const {
    const auto it = gradients_.find(origin.node.get());
    if (it == gradients_.end() || size_t(origin.output) >= it->second.size()) return {};
    return it->second[size_t(origin.output)];
  }

  void write_variables() const {
    for (const auto& [node, gradients] : gradients_) {
      if (!node->is_variable() || gradients.empty() || !node->gradient.is_valid()) continue;
      node->is_fresh = true;
      Array target = node->gradient;
      if (node->request == Request::write) target.copy_from(gradients[0]);
      if (node->request == Request::add) {
        const Array inputs[] = {target, gradients[0]};
        invoke("elemwise_add", {}, inputs, {.outputs = {&target, 1}});
      }
    }
  }

 private:
  [[noreturn]] static void fail_spent(const TapeNode& node) {
    throw Error(node.name,
                ": the tape was given up by an earlier backward; pass retain_graph to the first "
                "to go back twice.");
  }

  void add(const Origin& to, const Array& gradient) {
    std::vector<Array>& gradients = gradients_[to.node.get()];
    if (gradients.size() <= size_t(to.output)) gradients.resize(size_t(to.output) + 1);
    Array& have = gradients[size_t(to.output)];
    have = have.is_valid() ? sum(have, gradient) : gradient;
  }

  // Every node before those that read it, last first.
  std::vector<std::shared_ptr<TapeNode>> sorted() const {
    std::vector<std::shared_ptr<TapeNode>> order;
    std::unordered_set<const TapeNode*> seen;
    struct Visit {
      std::shared_ptr<TapeNode> node;
      size_t next = 0;
    };
    for (const std::shared_ptr<TapeNode>& head : heads_) {
      std::vector<Visit> stack;
      if (seen.insert(head.get()).second) stack.push_back({head, 0});
      while (!stack.empty()) {
        Visit& top = stack.back();
        if (top.node->is_spent) fail_spent(*top.node);
        if (top.next == top.node->sources.size()) {
          order.push_back(std::move(top.node));
          stack.pop_back();
          continue;
        }
        const std::shared_ptr<TapeNode>& source = top.node->sources[top.next++].node;
        if (source && seen.insert(source.get()).second) stack.push_back({source, 0});
      }
    }
    return {order.rbegin(), order.rend()};
  }

  std::vector<std::shared_ptr<TapeNode>> heads_;
  std::vector<std::shared_ptr<TapeNode>> order_;  // keeps alive what the keys below stand for
  std::unordered_set<const TapeNode*> asked_;
  std::unordered_map<TapeNode*, std::vector<Array>> gradients_;
};

void start_all(Walk& walk, std::span<const Array> heads, std::span<const Array> head_gradients) {
  if (!head_gradients.empty() && head_gradients.size() != heads.size()) {
    throw Error(head_gradients.size(), " head gradients are given for ", heads.size(), " heads.");
  }
  for (size_t i = 0; i < heads.size(); ++i) {
    walk.start(heads[i], head_gradients.empty() ? Array() : head_gradients[i]);
  }
}

}  // namespace

bool is_recording() { return records; }
bool is_training() { return learns; }
bool set_recording(bool value) { return std::exchange(records, value); }
bool set_training(bool value) { return std::exchange(learns, value); }

void mark_variable(Array& variable, const Array& gradient, Request request) {
  if (request != Request::null &&
      (!(gradient.shape() == variable.shape()) || gradient.type() != variable.type())) {
    throw Error("A variable of shape ", variable.shape(), " and type ", variable.type(),
                " is given a gradient of shape ", gradient.shape(), " and type ", gradient.type(),
                "; they must be alike.");
  }
  auto node = std::make_shared<TapeNode>();
  node->name = "variable";
  node->outputs.push_back({variable.shape(), variable.type()});
  node->gradient = gradient;
  node->request = request;
  variable.set_origin({std::move(node), 0});
}

bool has_fresh_gradient(const Array& array) {
  return array.origin().node && array.origin().node->is_fresh;
}

void set_fresh_gradient(const Array& array, bool is_fresh) {
  if (!array.origin().node) {
    throw Error("An array that was not marked has no gradient that could be fresh or not.");
  }
  array.origin().node->is_fresh = is_fresh;
}

void record(Invoked call, std::span<Array> visible) {
  auto node = std::make_shared<TapeNode>();
  const bool is_needed = note_sources(*node, call.inputs);
  // The sources say it; the arrays are kept for their values alone.
  for (Array& input : call.inputs) input.set_origin({});
  if (!is_needed) {
    for (Array& output : visible) output.set_origin({});
    return;
  }
  node->name = call.op->name;
  for (const Array& output : call.outputs) {
    node->outputs.push_back({output.shape(), output.type()});
  }
  node->call = std::move(call);
  attach(node, visible);
}

void record_function(std::string name, std::span<const Array> inputs, std::span<Array> outputs,
                     GradientFunction gradient, OperatorForm form) {
  auto node = std::make_shared<TapeNode>();
  if (!note_sources(*node, inputs)) return;
  node->name = std::move(name);
  node->function = std::move(gradient);
  node->form = std::move(form);
  for (const Array& output : outputs) node->outputs.push_back({output.shape(), output.type()});
  attach(node, outputs);
}

Array reshape_recorded(const Array& array, const Shape& shape) {
  Array made = array.reshape(shape);
  if (records && live_origin(array).node) {
    record_function("reshape", {&array, 1}, {&made, 1},
                    [whole = array.shape()](const std::vector<Array>& out_grads) {
                      return std::vector<Array>{reshape_recorded(out_grads[0], whole)};
                    },
                    {"Reshape", {{"shape", value_type<Shape>().print(&shape)}}});
  }
  return made;
}

Array slice_recorded(const Array& array, int64_t begin, int64_t end) {
  Array made = array.slice(begin, end);
  if (!records || !live_origin(array).node) return made;
  const ParamText rows{{"begin", concat("(", begin, ",)")}, {"end", concat("(", end, ",)")}};
  record_function("slice", {&array, 1}, {&made, 1},
                  [rows, begin, end, whole = array.shape(), type = array.type(),
                   device = array.device()](const std::vector<Array>& out_grads) {
                    Array gradient = Array::zeros(whole, type, device);
                    if (is_recording()) {
                      return invoke("_slice_assign", rows, std::array{gradient, out_grads[0]});
                    }
                    gradient.slice(begin, end).copy_from(out_grads[0]);
                    return std::vector<Array>{gradient};
                  },
                  {"slice", rows});
  return made;
}

void backward(std::span<const Array> heads, std::span<const Array> head_gradients,
              bool retain_graph) {
  const Recording off(false);
  Walk walk;
  start_all(walk, heads, head_gradients);
  walk.run(retain_graph);
  walk.write_variables();
}

std::vector<Array> gradients_of(std::span<const Array> heads, std::span<const Array> variables,
                                std::span<const Array> head_gradients, bool retain_graph,
                                bool create_graph) {
  const Recording recording(create_graph);
  Walk walk;
  start_all(walk, heads, head_gradients);
  for (const Array& variable : variables) {
    if (!is_on_tape(variable)) {
      throw Error(
          "The gradient with respect to an array is asked that is on no tape; mark it as a "
          "variable before recording.");
    }
    walk.ask(variable.origin());
  }
  walk.run(retain_graph);
  std::vector<Array> found;
  for (const Array& variable : variables) {
    const auto zeros = [shape = variable.shape(), type = variable.type(),
                        device = variable.device()] { return Array::zeros(shape, type, device); };
    const Array gradient = walk.gradient(variable.origin());
    found.push_back(gradient.is_valid() ? gradient : zeros());
    if (create_graph && !is_on_tape(found.back())) {
      // Of a linear function: it can be differentiated too, and gives 0.
      record_function("constant gradient", {&variable, 1}, {&found.back(), 1},
                      [zeros](const std::vector<Array>&) { return std::vector<Array>{zeros()}; });
    }
  }
  return found;
}

namespace {

// One tape as a graph: a call becomes the operator's node, and what was not recorded a variable.
class AsSymbol {
 public:
  Symbol of(const Array& array) {
    Walk walk;
    for (const std::shared_ptr<TapeNode>& node : walk.before(array.origin().node)) {
      if (!node->is_variable()) made_[node.get()] = compose_node(*node);
    }
    return output(array.origin());
  }

 private:
  Symbol compose_node(const TapeNode& node) {
    std::string op = node.form.op;
    ParamText params = node.form.params;
    if (node.call.op != nullptr) {
      op = node.call.op->name;
      params = param_text(*node.call.op, node.call);
    }
    if (op.empty()) {
      throw Error(node.name, ": work of a program cannot stand in a symbol; only operators can.");
    }
    std::vector<Symbol> inputs;
    for (size_t i = 0; i < node.sources.size(); ++i) {
      const Origin& source = node.sources[i];
      inputs.push_back(source.node ? output(source) : variable());
    }
    return compose(op, params, inputs);
  }

  Symbol output(const Origin& origin) {
    const auto [it, is_new] = made_.try_emplace(origin.node.get());
    if (is_new) it->second = variable();
    return it->second.num_outputs() == 1 ? it->second : it->second[origin.output];
  }
  Symbol variable() { return Symbol::variable(concat("var", num_variables_++)); }

  std::unordered_map<const TapeNode*, Symbol> made_;
  int num_variables_ = 0;
};

}  // namespace

Symbol symbol_of(const Array& array) {
  if (!is_on_tape(array) || array.origin().node->is_spent) {
    throw Error("A symbol is asked of an array that was not recorded, or whose tape was given up.");
  }
  return AsSymbol().of(array);
}

}  // namespace treadle
