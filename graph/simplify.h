// The simplification pass: what is computed twice is computed once, and copies that nobody needs
// go.
#pragma once

#include <span>
#include <vector>

#include "treadle/graph/graph.h"

namespace treadle {

// What `simplify` gives.
struct SimplifiedGraph {
  Graph graph;
  int num_forward = 0;
  std::vector<int> origin_of;  // per node: its number before
  std::vector<int> node_of;    // per node before: its number now, that of its twin if it went
};

// Merges nodes of equal operators, parameters, attributes and inputs, and drops `_copy` nodes. Stay
// untouched: nodes with effects or states, those of `kept` (where gradients are written for the
// caller) and those whose outputs are the graph's. A gradient node is never merged with a forward
// node, whose array would have to live on for it. Without a node to save, the graph as it came.
SimplifiedGraph simplify(Graph graph, int num_forward, std::span<const Entry> kept);

}  // namespace treadle
