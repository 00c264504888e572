// The layout that programs are compiled with. Fields are added at the ends, so lines are only added
// here; who has to change one adds 1 to TREADLE_ABI_VERSION.
#include <cstddef>
#include <cstring>

#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

#define AT(type, field, offset) static_assert(offsetof(type, field) == (offset))

static_assert(TREADLE_ABI_VERSION == 1);
static_assert(sizeof(void*) == 8 && sizeof(size_t) == 8, "offsets are those of 64-bit systems");

// Passed in lists: these never grow.
static_assert(sizeof(TreadleDevice) == 8 && sizeof(TreadleShape) == 16);
static_assert(sizeof(TreadlePair) == 16 && sizeof(TreadleNamedShape) == 24);
static_assert(sizeof(TreadleNamedType) == 16 && sizeof(TreadleNamedRequest) == 16);
static_assert(sizeof(TreadleNamedDevice) == 16 && sizeof(TreadleNamedArray) == 16);
static_assert(sizeof(TreadleNamedSymbol) == 16 && sizeof(TreadleNodeAttribute) == 24);
static_assert(sizeof(TreadleInferredShapes) == 48 && sizeof(TreadleInferredTypes) == 48);

AT(TreadleInvokeOptions, input_names, 8);
AT(TreadleInvokeOptions, device, 16);

AT(TreadleBindOptions, types, 8);
AT(TreadleBindOptions, num_types, 16);
AT(TreadleBindOptions, requests, 24);
AT(TreadleBindOptions, num_requests, 32);
AT(TreadleBindOptions, default_request, 40);
AT(TreadleBindOptions, groups, 48);
AT(TreadleBindOptions, num_groups, 56);
AT(TreadleBindOptions, shares_memory_of, 64);
AT(TreadleBindOptions, memory_budget, 72);

AT(TreadleBindings, arguments, 8);
AT(TreadleBindings, gradients, 16);
AT(TreadleBindings, auxiliaries, 24);
AT(TreadleBindings, num_arguments, 32);
AT(TreadleBindings, num_gradients, 40);
AT(TreadleBindings, num_auxiliaries, 48);

AT(TreadleCustomRun, is_train, 8);
AT(TreadleCustomRun, requests, 16);
AT(TreadleCustomRun, num_requests, 24);
AT(TreadleCustomRun, inputs, 32);
AT(TreadleCustomRun, outputs, 40);
AT(TreadleCustomRun, states, 48);
AT(TreadleCustomRun, num_inputs, 56);
AT(TreadleCustomRun, num_outputs, 64);
AT(TreadleCustomRun, num_states, 72);
AT(TreadleCustomRun, out_grads, 80);
AT(TreadleCustomRun, in_grads, 88);
AT(TreadleCustomRun, num_out_grads, 96);
AT(TreadleCustomRun, num_in_grads, 104);

AT(TreadleCustomOperator, data, 8);
AT(TreadleCustomOperator, free_data, 16);
AT(TreadleCustomOperator, make, 24);
AT(TreadleCustomOperator, free_op, 32);
AT(TreadleCustomOperator, list_arguments, 40);
AT(TreadleCustomOperator, list_outputs, 48);
AT(TreadleCustomOperator, list_states, 56);
AT(TreadleCustomOperator, reads_out_grads, 64);
AT(TreadleCustomOperator, infer_shape, 72);
AT(TreadleCustomOperator, infer_type, 80);
AT(TreadleCustomOperator, bind, 88);
AT(TreadleCustomOperator, free_use, 96);
AT(TreadleCustomOperator, forward, 104);
AT(TreadleCustomOperator, backward, 112);

TEST_CASE("options of an older program are read as far as they go", "[bindings][c]") {
  // A program whose header ended behind `requests`: what it has in memory there means nothing.
  TreadleBindOptions options;
  std::memset(&options, 0xff, sizeof options);
  options.struct_size = offsetof(TreadleBindOptions, default_request);
  options.types = nullptr;
  options.num_types = 0;
  options.requests = nullptr;
  options.num_requests = 0;
  const SymbolHandle x = variable("x");
  const int64_t dims[] = {1};
  const TreadleNamedShape shape = {"x", {dims, 1}};
  ExecutorHandle executor;
  ok(treadle_executor_simple_bind(x, treadle_cpu(0), &shape, 1, &options, executor.out()));
  ArrayHandle gradient;  // written by default
  ok(treadle_executor_gradient(executor, "x", gradient.out()));
}

}  // namespace
}  // namespace treadle::testing
