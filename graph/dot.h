// A symbol as a picture, in the language of Graphviz.
#pragma once

#include <string>

#include "treadle/graph/symbol.h"

namespace treadle {

struct DotOptions {
  std::string title = "graph";
  // Shapes of the inputs: when given, edges carry the shapes that follow.
  ShapeMap shapes = {};
  // Leaves out weights, biases, labels and states that belong to one operator.
  bool hide_parameters = true;
};

// The graph from top to bottom: a box per operator with its main parameters, an ellipse per
// variable. Throws Error for an empty symbol and for shapes that conflict.
//
//   std::ofstream("net.dot") << to_dot(net, {.shapes = {{"data", {1, 1, 28, 28}}}});
//   // dot -Tsvg net.dot -o net.svg
std::string to_dot(const Symbol& symbol, const DotOptions& options = {});

}  // namespace treadle
