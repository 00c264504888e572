#include "treadle/graph/recompute.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string_view>

namespace treadle {
namespace {

bool is_marked(const GraphNode& node) {
  if (node.is_variable()) return false;
  for (const char* key : {"__force_mirroring__", "force_mirroring"}) {
    const auto it = node.source->attributes.find(key);
    if (it == node.source->attributes.end()) continue;
    if (it->second == "True" || it->second == "true" || it->second == "1") return true;
  }
  return false;
}

// Multiplies each element of its output, or of its input, with a whole row of weights.
bool has_weights(std::string_view op) {
  static const std::set<std::string_view> names = {"Convolution", "Convolution_v1", "Deconvolution",
                                                   "FullyConnected"};
  return names.contains(op);
}
bool is_product(std::string_view op) {
  static const std::set<std::string_view> names = {"dot", "batch_dot", "_linalg_gemm",
                                                   "_linalg_gemm2"};
  return names.contains(op);
}

class Sizes {
 public:
  Sizes(const Graph& graph, const Annotations& known) : graph_(graph), known_(known) {}

  double elements(Entry entry) const {
    return double(known_.shapes[size_t(graph_.entry_id(entry))].elements());
  }
  double bytes(int n) const {
    double sum = 0;
    for (int i = 0; i < graph_.nodes[size_t(n)].num_outputs; ++i) {
      const size_t id = size_t(graph_.entry_id({n, i}));
      sum += elements({n, i}) * double(size_of(known_.types[id]));
    }
    return sum;
  }

 private:
  const Graph& graph_;
  const Annotations& known_;
};

// Where forward is cut: behind these nodes. A cut lies where the least is read across it, after
// about a `segments`th of all that forward makes.
std::vector<int> find_cuts(const Graph& graph, int num_forward, const Sizes& sizes, int segments) {
  std::vector<int> last_reader(size_t(num_forward), -1);
  double all = 0;
  for (int n = 0; n < num_forward; ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    if (!node.is_variable()) all += sizes.bytes(n);
    for (Entry input : node.inputs) last_reader[size_t(input.node)] = n;
  }
  // Bytes across the place behind a node.
  std::vector<double> change(size_t(num_forward) + 1, 0), across(size_t(num_forward), 0);
  for (int n = 0; n < num_forward; ++n) {
    if (graph.nodes[size_t(n)].is_variable() || last_reader[size_t(n)] < 0) continue;
    change[size_t(n)] += sizes.bytes(n);
    change[size_t(last_reader[size_t(n)])] -= sizes.bytes(n);
  }
  double alive = 0;
  for (int n = 0; n < num_forward; ++n) across[size_t(n)] = alive += change[size_t(n)];

  std::vector<int> cuts;
  const double share = all / segments;
  double made = 0, made_at_best = 0;
  int best = -1;
  for (int n = 0; n < num_forward && int(cuts.size()) < segments - 1; ++n) {
    if (graph.nodes[size_t(n)].is_variable()) continue;
    made += sizes.bytes(n);
    if (made >= share / 2 && (best < 0 || across[size_t(n)] <= across[size_t(best)])) {
      best = n;
      made_at_best = made;
    }
    if (made < share || best < 0) continue;
    cuts.push_back(best);
    made -= made_at_best;
    best = -1;
  }
  return cuts;
}

// Copies a graph, forward first; behind it each node is preceded by the repetitions that it needs.
class Repetition {
 public:
  Repetition(const Graph& graph, int num_forward, const std::vector<bool>& chosen)
      : graph_(graph), num_forward_(num_forward), chosen_(chosen) {
    repetition_of_.assign(size_t(num_forward), -1);
    made_.node_of.assign(graph.nodes.size(), -1);
  }

  RecomputedGraph run() {
    for (int n = 0; n < num_forward_; ++n) add(n, graph_.nodes[size_t(n)]);
    for (int n = num_forward_; n < int(graph_.nodes.size()); ++n) {
      GraphNode node = graph_.nodes[size_t(n)];
      for (Entry input : node.inputs) {
        if (is_chosen(input.node)) repeat(input.node);
      }
      redirect(node);
      add(n, std::move(node));
    }
    made_.graph.outputs = graph_.outputs;
    return std::move(made_);
  }

 private:
  bool is_chosen(int n) const { return n < num_forward_ && chosen_[size_t(n)]; }

  void add(int origin, GraphNode node) {
    made_.origin_of.push_back(origin);
    made_.node_of[size_t(origin)] = made_.graph.add(std::move(node));
  }

  void redirect(GraphNode& node) const {
    for (Entry& input : node.inputs) {
      input.node = is_chosen(input.node) ? repetition_of_[size_t(input.node)]
                                         : made_.node_of[size_t(input.node)];
    }
  }

  // Adds the repetition of `wanted` and, before it, of all that it needs; with a stack of its own,
  // since a segment may be deep.
  void repeat(int wanted) {
    std::vector<int> stack{wanted};
    while (!stack.empty()) {
      const int n = stack.back();
      if (repetition_of_[size_t(n)] >= 0) {
        stack.pop_back();
        continue;
      }
      const size_t before = stack.size();
      for (Entry input : graph_.nodes[size_t(n)].inputs) {
        if (is_chosen(input.node) && repetition_of_[size_t(input.node)] < 0)
          stack.push_back(input.node);
      }
      if (stack.size() > before) continue;
      stack.pop_back();
      GraphNode node = graph_.nodes[size_t(n)];
      node.forward = n;
      redirect(node);
      made_.origin_of.push_back(n);
      repetition_of_[size_t(n)] = made_.graph.add(std::move(node));
    }
  }

  const Graph& graph_;
  const int num_forward_;
  const std::vector<bool>& chosen_;
  std::vector<int> repetition_of_;
  RecomputedGraph made_;
};

}  // namespace

bool has_marked_nodes(const Graph& graph, int num_forward) {
  return std::any_of(graph.nodes.begin(), graph.nodes.begin() + num_forward, is_marked);
}

double arithmetic_of(const Graph& graph, int n, const Annotations& known) {
  const GraphNode& node = graph.nodes[size_t(n)];
  if (node.is_variable()) return 0;
  const Sizes sizes(graph, known);
  // A gradient node of a product does it once for each gradient that is asked of it.
  const OpRecord& op = node.op->forward ? *node.op->forward : *node.op;
  const GraphNode& origin = node.op->forward ? graph.nodes[size_t(node.forward)] : node;
  const int at = node.op->forward ? node.forward : n;
  const double times = node.op->forward ? 2 : 1;
  if (has_weights(op.name)) {
    const Entry weight = origin.inputs[1];
    const double rows = double(known.shapes[size_t(graph.entry_id(weight))][0]);
    const double each =
        op.name == "Deconvolution" ? sizes.elements(origin.inputs[0]) : sizes.elements({at, 0});
    return times * each * sizes.elements(weight) / rows;
  }
  if (is_product(op.name)) {
    // Of (m, k), (k, n) and (m, n).
    return times * std::sqrt(sizes.elements(origin.inputs[0]) * sizes.elements(origin.inputs[1]) *
                             sizes.elements({at, 0}));
  }
  double elements = 0;
  for (Entry input : node.inputs) elements += sizes.elements(input);
  return elements;
}

std::vector<bool> choose_recomputed(const Graph& graph, int num_forward, const Annotations& known,
                                    const RecomputePolicy& policy) {
  using Scope = RecomputePolicy::Scope;
  std::vector<bool> chosen(size_t(num_forward), false);
  for (int n = 0; n < num_forward; ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    if (node.is_variable() || node.op->has_effects) continue;
    const bool is_costly = has_weights(node.op->name) || is_product(node.op->name);
    chosen[size_t(n)] =
        policy.scope == Scope::marked ? is_marked(node) : policy.scope == Scope::all || !is_costly;
  }
  for (Entry output : graph.outputs) chosen[size_t(output.node)] = false;
  if (policy.scope == Scope::marked) return chosen;

  const std::vector<int> cuts = find_cuts(graph, num_forward, Sizes(graph, known), policy.segments);
  size_t next = 0;
  // What is read across a cut is kept.
  for (int n = 0; n < num_forward; ++n) {
    while (next < cuts.size() && cuts[next] < n) ++next;
    for (Entry input : graph.nodes[size_t(n)].inputs) {
      const bool is_cut = next > 0 && input.node <= cuts[next - 1];
      if (is_cut) chosen[size_t(input.node)] = false;
    }
    if (next == cuts.size()) chosen[size_t(n)] = false;
  }
  return chosen;
}

RecomputedGraph recompute(const Graph& graph, int num_forward, const std::vector<bool>& chosen) {
  return Repetition(graph, num_forward, chosen).run();
}

}  // namespace treadle
