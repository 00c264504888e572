// The shape and type passes.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/graph/graph.h"
#include "treadle/graph/symbol.h"

namespace treadle {

// A shape per entry of the graph, from those `known` by variable name and from `__shape__`
// attributes, forward and backward until nothing changes. Throws Error on a conflict (operator,
// node, both shapes and where each came from), on a name that is no variable, and, unless
// `partial`, naming the arguments that stay unknown.
std::vector<Shape> infer_shapes(const Graph& graph, const ShapeMap& known, bool partial);

// A type per entry; DType::unknown where nothing says.
std::vector<DType> infer_types(const Graph& graph, const TypeMap& known);

// Completes the annotations of nodes from `first_node` on, which a pass has appended to a graph
// whose earlier nodes are annotated. Everything must follow.
void annotate_appended(const Graph& graph, int first_node, Annotations& annotations);

// Shapes and types of one node on its own: `graph` holds a variable per input, then the node.
// The first entries are the inputs', the last the outputs'. Throws Error as the passes do.
Graph single_node_graph(const OpRecord& op, std::shared_ptr<const void> params, std::string name);
Annotations infer_node(const Graph& graph, std::span<const Shape> input_shapes,
                       std::span<const DType> input_types);

}  // namespace treadle
