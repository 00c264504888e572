// What a training run leaves behind besides the model.
#pragma once

#include <string>

#include "digits.h"
#include "train.h"

namespace demo {

// Writes PREFIX-graph.svg by way of Graphviz. Where that is missing PREFIX-graph.dot stays, and the
// sentence given says so; otherwise it is empty.
std::string draw_graph(const treadle::Symbol& symbol, const Images& images,
                       const std::string& prefix);

// Writes PREFIX-curve.svg: loss and accuracy over the epochs.
void draw_curve(const treadle::FitResult& fit, const std::string& prefix);

}  // namespace demo
