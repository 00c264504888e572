// The recompute pass: what forward need not keep, backward computes again from what it did keep.
#pragma once

#include <cstdint>
#include <vector>

#include "treadle/graph/graph.h"

namespace treadle {

// Which forward nodes are computed again for backward.
struct RecomputePolicy {
  enum class Scope : uint8_t {
    marked,  // those with the attribute __force_mirroring__
    cheap,   // those of a few operations per element, cut into segments
    all,     // products and convolutions too
  };
  Scope scope = Scope::cheap;
  // Into how many parts of about equal size forward is cut: at each cut the arrays that later nodes
  // read are kept. Of no meaning to `marked`.
  int segments = 1;
};

// Whether any node of the first `num_forward` asks for it by attribute.
bool has_marked_nodes(const Graph& graph, int num_forward);

// Per forward node: whether to compute it again. Never a node with effects (random numbers among
// them), nor one whose array is an output of the graph, nor, but for marked ones, the last segment:
// backward begins there.
std::vector<bool> choose_recomputed(const Graph& graph, int num_forward, const Annotations& known,
                                    const RecomputePolicy& policy);

// What `recompute` gives.
struct RecomputedGraph {
  Graph graph;
  std::vector<int> origin_of;  // per node: its number before; that of its original for a repetition
  std::vector<int> node_of;    // per node of the graph before: its number now
};

// Lets the nodes behind the first `num_forward` read repetitions of the `chosen` ones. Each stands
// right before the first node that needs it, so that its array lives no longer than it must;
// forward nodes keep their numbers.
RecomputedGraph recompute(const Graph& graph, int num_forward, const std::vector<bool>& chosen);

// Additions and multiplications of a node, roughly: for comparing plans.
double arithmetic_of(const Graph& graph, int node, const Annotations& known);

}  // namespace treadle
