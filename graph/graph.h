// The graph passes work on: nodes in topological order, referred to by index.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"
#include "treadle/graph/node.h"

namespace treadle {

// Output `output` of node `node`.
struct Entry {
  int32_t node = -1;
  int32_t output = 0;

  bool is_valid() const { return node >= 0; }
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

struct GraphNode {
  std::shared_ptr<const Node> source;  // the user's node; a gradient node has its forward's
  const OpRecord* op = nullptr;        // nullptr: a variable
  std::shared_ptr<const void> params;
  std::vector<Entry> inputs;
  int num_aux = 0;  // the last inputs are auxiliary states
  int num_outputs = 1;
  int first_entry = 0;        // its outputs are entries first_entry … of the graph's annotations
  int forward = -1;           // of a gradient node: the node it belongs to
  bool is_auxiliary = false;  // a variable that operators update
  Entry head_of = {};         // of a head gradient: the output it belongs to

  bool is_variable() const { return op == nullptr; }
};

struct Graph {
  std::vector<GraphNode> nodes;
  std::vector<Entry> outputs;
  int num_entries = 0;

  // Nodes of `symbol` in depth-first order from its outputs, inputs in order. Throws Error for an
  // empty symbol and for a variable used both as argument and as auxiliary state.
  static Graph from(const class Symbol& symbol);

  // Appends a node and gives its index.
  int add(GraphNode node);
  int entry_id(Entry entry) const { return nodes[entry.node].first_entry + entry.output; }
  // "Convolution(conv1)", "variable 'data'", "_backward_Convolution(conv1)".
  std::string describe(int node) const;
  // Name of a node's output as list_outputs has it: "conv1_output"; of a variable its own name.
  std::string entry_name(Entry entry) const;
  // Variables in order, auxiliary states apart.
  std::vector<int> arguments() const;
  std::vector<int> auxiliaries() const;
};

// A shape and a type per entry.
struct Annotations {
  std::vector<Shape> shapes;
  std::vector<DType> types;
};

// The graph as text, a node a line, with shapes and types if given: for people and for tests.
std::string dump(const Graph& graph, const Annotations* annotations = nullptr);

}  // namespace treadle
