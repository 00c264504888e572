// What an imperative call comes to, worked out once for all calls that are alike: parameters,
// shapes, and the kernel, which oneDNN takes longer to prepare than to run on a
// small array.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/graph/op.h"
#include "treadle/operators/kernel.h"

namespace treadle {

struct CallPlan {
  std::shared_ptr<const void> params;
  std::vector<size_t> order;        // which given input is input i of the kernel
  std::vector<TensorSpec> outputs;  // hidden ones last
  std::vector<Share> shares;        // which outputs may be the memory of which inputs
  int num_aux = 0;
  int num_visible = 0;
  std::shared_ptr<const Kernel> kernel;
};

// The plan for inputs in the order of all_inputs. Throws Error for parameters, shapes or types that
// do not fit.
std::shared_ptr<const CallPlan> plan_call(const OpRecord& op, const ParamText& params,
                                          std::span<const TensorSpec> inputs, Device device);

// The kernel for one call of `op`, whose shapes are known; `params` are the parsed ones.
std::shared_ptr<const Kernel> kernel_for(const OpRecord& op,
                                         const std::shared_ptr<const void>& params, Device device,
                                         std::span<const TensorSpec> inputs,
                                         std::span<const TensorSpec> outputs,
                                         std::span<const Request> requests);

}  // namespace treadle
