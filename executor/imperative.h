// Imperative use: one operator on arrays, without a graph.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/operators/kernel.h"
#include "treadle/tensor/array.h"

namespace treadle {

struct InvokeOptions {
  Mode mode = Mode::infer;
  // Arrays to write the visible outputs to; new ones are made when empty. They may be inputs
  // (`sgd_update` writes the weight it reads): the kernel then works in place if the operator
  // allows it, and on a copy otherwise.
  std::span<const Array> outputs = {};
  // Where the result of an operator without inputs lives.
  Device device = {};
};

// Queues `op` on `inputs` (auxiliary states last, updated in place) and gives its visible outputs.
// Throws Error for an unknown operator or parameter and for shapes or types that do not fit.
std::vector<Array> invoke(std::string_view op, const ParamText& params,
                          std::span<const Array> inputs, const InvokeOptions& options = {});

}  // namespace treadle
