// Imperative use: one operator on arrays, without a graph.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/graph/op.h"
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
  // The custom operator within which it is called; traces and errors say "caller::operator" then.
  std::string_view caller = {};
};

// One queued call with all that its gradient may read.
struct Invoked {
  const OpRecord* op = nullptr;
  std::shared_ptr<const void> params;
  std::vector<Array> inputs;   // auxiliary states last
  std::vector<Array> outputs;  // hidden ones last
  int num_aux = 0;
  int num_visible = 0;
  Mode mode = Mode::infer;
  RandomKey random = {};
};

// Queues `op` on `inputs` (in the order of all_inputs; auxiliary states are updated in
// place) and gives its visible outputs.
// Throws Error for an unknown operator or parameter and for shapes or types that do not fit.
// While this thread records (executor/autograd.h), the call is kept for its gradient.
std::vector<Array> invoke(std::string_view op, const ParamText& params,
                          std::span<const Array> inputs, const InvokeOptions& options = {});

// Queues the kernel of `call`, whose outputs are made already; backward records are taken too.
void launch(const Invoked& call);

}  // namespace treadle
