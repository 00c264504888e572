#include <string>

#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

using Values = std::vector<float>;

SymbolHandle product() { return node("elemwise_mul", {}, {variable("a"), variable("b")}, "ab"); }

const int64_t two[] = {2};
const TreadleNamedShape shapes[] = {{"a", {two, 1}}};

ExecutorHandle bound(TreadleSymbol* symbol, const TreadleBindOptions* options = nullptr) {
  ExecutorHandle made;
  ok(treadle_executor_simple_bind(symbol, treadle_cpu(0), shapes, 1, options, made.out()));
  return made;
}
ArrayHandle argument(TreadleExecutor* executor, const char* name) {
  ArrayHandle made;
  ok(treadle_executor_argument(executor, name, made.out()));
  return made;
}
ArrayHandle gradient(TreadleExecutor* executor, const char* name) {
  ArrayHandle made;
  ok(treadle_executor_gradient(executor, name, made.out()));
  return made;
}

TEST_CASE("an executor runs forward and backward on arrays that it made", "[bindings][c]") {
  const ExecutorHandle executor = bound(product());
  ok(treadle_ndarray_fill(argument(executor, "a"), 3));
  const ArrayHandle b = make({2}, {4, 5}), head = make({2}, {1, 10});
  const TreadleNamedArray inputs[] = {{"b", b}};
  ok(treadle_executor_forward(executor, 1, inputs, 1));
  TreadleNDArray* heads[] = {head};
  ok(treadle_executor_backward(executor, heads, 1));
  ArrayHandle output;
  ok(treadle_executor_output(executor, "ab_output", output.out()));
  REQUIRE(values_of(output) == Values{12, 15});
  REQUIRE(values_of(gradient(executor, "a")) == Values{4, 50});
  REQUIRE(values_of(gradient(executor, "b")) == Values{3, 30});
  const char* text = nullptr;
  ok(treadle_executor_debug_text(executor, &text));
  REQUIRE(std::string(text).find("elemwise_mul") != std::string::npos);
  size_t bytes = 0;
  ok(treadle_executor_allocated_bytes(executor, &bytes));
  REQUIRE(bytes >= 8);
}

TEST_CASE("arrays outlive their executor", "[bindings][c]") {
  ArrayHandle a;
  {
    const ExecutorHandle executor = bound(product());
    a = argument(executor, "a");
  }
  ok(treadle_ndarray_fill(a, 2));
  REQUIRE(values_of(a) == Values{2, 2});
}

TEST_CASE("options choose requests, types, devices and memory", "[bindings][c]") {
  const SymbolHandle symbol = product();
  const TreadleNamedRequest requests[] = {{"a", TREADLE_REQUEST_ADD}};
  const TreadleNamedType types[] = {{"a", TREADLE_FLOAT64}};
  TreadleBindOptions options = {};
  options.struct_size = sizeof options;
  options.requests = requests;
  options.num_requests = 1;
  options.default_request = TREADLE_REQUEST_NULL;
  options.types = types;
  options.num_types = 1;
  const ExecutorHandle executor = bound(symbol, &options);
  TreadleDType type = TREADLE_UNKNOWN_TYPE;
  ok(treadle_ndarray_type(argument(executor, "b"), &type));
  REQUIRE(type == TREADLE_FLOAT64);
  TreadleNDArray* const* lists = nullptr;
  size_t count = 0;
  ok(treadle_executor_gradients(executor, &lists, &count));
  REQUIRE(count == 2);
  REQUIRE(lists[0] != nullptr);
  REQUIRE(lists[1] == nullptr);
  treadle_ndarray_free(lists[0]);

  const ArrayHandle head = make({2}, 1, TREADLE_FLOAT64), b = argument(executor, "b");
  ok(treadle_ndarray_fill(b, 3));
  TreadleNDArray* heads[] = {head};
  for (int i = 0; i < 2; ++i) {
    ok(treadle_executor_forward(executor, 1, nullptr, 0));
    ok(treadle_executor_backward(executor, heads, 1));
  }
  std::vector<double> sum(2);
  ok(treadle_ndarray_copy_to_host(gradient(executor, "a"), sum.data(), 16));
  REQUIRE(sum == std::vector<double>{6, 6});

  TreadleBindOptions sharing = {};
  sharing.struct_size = sizeof sharing;
  sharing.shares_memory_of = executor;
  const ExecutorHandle other = bound(symbol, &sharing);
  ok(treadle_executor_forward(other, 0, nullptr, 0));
}

TEST_CASE("groups are placed on their devices", "[bindings][c]") {
  TreadleDevice gpu = {};
  ok(treadle_add_emulated_gpu(1, &gpu));
  const TreadlePair attributes[] = {{"ctx_group", "far"}};
  const SymbolHandle x = variable("a");
  ok(treadle_attribute_scope_begin(attributes, 1));
  const SymbolHandle far = node("square", {}, {x}, "far");
  ok(treadle_attribute_scope_end());
  const SymbolHandle near = node("exp", {}, {far}, "near");
  const TreadleNamedDevice groups[] = {{"far", gpu}};
  TreadleBindOptions options = {};
  options.struct_size = sizeof options;
  options.groups = groups;
  options.num_groups = 1;
  const ExecutorHandle executor = bound(near, &options);
  ok(treadle_executor_forward(executor, 0, nullptr, 0));
  ArrayHandle output, here;
  ok(treadle_executor_output(executor, "near_output", output.out()));
  ok(treadle_ndarray_copy(output, treadle_cpu(0), here.out()));
  REQUIRE(values_of(here) == Values{1, 1});
  TreadleDevice device = {};
  ok(treadle_ndarray_device(output, &device));  // what has no group follows its inputs
  REQUIRE((device.kind == gpu.kind && device.id == gpu.id));
}

TEST_CASE("an executor is bound to the caller's arrays", "[bindings][c]") {
  const SymbolHandle symbol = product();
  const ArrayHandle a = make({2}, {1, 2}), b = make({2}, {3, 4}), da = make({2}, 0);
  const TreadleNamedArray arguments[] = {{"a", a}, {"b", b}}, gradients[] = {{"a", da}};
  const TreadleBindings arrays = {sizeof arrays, arguments, gradients, nullptr, 2, 1, 0};
  ExecutorHandle executor;
  ok(treadle_executor_bind(symbol, treadle_cpu(0), &arrays, nullptr, executor.out()));
  ok(treadle_executor_forward(executor, 1, nullptr, 0));
  const ArrayHandle head = make({2}, 1);
  TreadleNDArray* heads[] = {head};
  ok(treadle_executor_backward(executor, heads, 1));
  REQUIRE(values_of(da) == Values{3, 4});
  TreadleNDArray* const* outputs = nullptr;
  size_t count = 0;
  ok(treadle_executor_outputs(executor, &outputs, &count));
  REQUIRE(count == 1);
  REQUIRE(values_of(outputs[0]) == Values{3, 8});
  treadle_ndarray_free(outputs[0]);
  ok(treadle_executor_arguments(executor, &outputs, &count));
  REQUIRE(count == 2);
  for (size_t i = 0; i < count; ++i) treadle_ndarray_free(outputs[i]);
  ok(treadle_executor_auxiliaries(executor, &outputs, &count));
  REQUIRE(count == 0);

  TreadleExecutor* out = nullptr;
  TreadleBindings missing = arrays;
  missing.num_arguments = 1;
  refuses(treadle_executor_bind(symbol, treadle_cpu(0), &missing, nullptr, &out), "b");
  const ArrayHandle wide = make({3}, 0);
  const TreadleNamedArray misshapen[] = {{"a", a}, {"b", wide}};
  TreadleBindings wrong = arrays;
  wrong.arguments = misshapen;
  refuses(treadle_executor_bind(symbol, treadle_cpu(0), &wrong, nullptr, &out), {"(3,)", "(2,)"});
  const TreadleNamedArray holes[] = {{"a", a}, {"b", nullptr}};
  wrong.arguments = holes;
  refuses(treadle_executor_bind(symbol, treadle_cpu(0), &wrong, nullptr, &out), "b is NULL");
  refuses(treadle_executor_bind(symbol, treadle_cpu(0), nullptr, nullptr, &out), "a");
  TreadleBindOptions typed = {};
  typed.struct_size = sizeof typed;
  typed.num_types = 1;
  refuses(treadle_executor_bind(symbol, treadle_cpu(0), &arrays, &typed, &out),
          "types are those of the arrays");
  REQUIRE(out == nullptr);
}

TEST_CASE("what cannot be bound or run is refused", "[bindings][c]") {
  const SymbolHandle symbol = product();
  TreadleExecutor* out = nullptr;
  TreadleBindOptions options = {};
  const auto bind = [&] {
    return treadle_executor_simple_bind(symbol, treadle_cpu(0), shapes, 1, &options, &out);
  };
  refuses(bind(), "struct_size of the options is 0");
  struct Newer {
    TreadleBindOptions known;
    int64_t unknown;
  } newer = {};
  newer.known.struct_size = sizeof newer;
  newer.unknown = 1;
  refuses(treadle_executor_simple_bind(symbol, treadle_cpu(0), shapes, 1, &newer.known, &out),
          {"an option is set that this version of the library does not know"});
  newer.unknown = 0;
  ExecutorHandle executor;
  ok(treadle_executor_simple_bind(symbol, treadle_cpu(0), shapes, 1, &newer.known, executor.out()));
  options.struct_size = sizeof options;
  options.default_request = 9;
  refuses(bind(), "there is no request 9");
  options = {};
  options.struct_size = sizeof options;
  const TreadleNamedRequest requests[] = {{"c", TREADLE_REQUEST_ADD}};
  options.requests = requests;
  options.num_requests = 1;
  refuses(bind(), "c");
  refuses(treadle_executor_simple_bind(symbol, treadle_cpu(0), nullptr, 0, nullptr, &out), "a");
  refuses(treadle_executor_simple_bind(symbol, treadle_gpu(77), shapes, 1, nullptr, &out),
          "gpu(77)");
  refuses(treadle_executor_simple_bind(symbol, treadle_cpu(0), shapes, 1, nullptr, nullptr),
          "executor is NULL");
  REQUIRE(out == nullptr);

  const ArrayHandle wide = make({3}, 0);
  TreadleNDArray *heads[] = {wide}, *array = nullptr;
  refuses(treadle_executor_backward(executor, heads, 1), "backward is called before forward");
  const TreadleNamedArray unknown[] = {{"x", wide}}, misshapen[] = {{"a", wide}};
  refuses(treadle_executor_forward(executor, 1, unknown, 1), "no argument 'x'");
  refuses(treadle_executor_forward(executor, 1, misshapen, 1), {"(3,)", "(2,)"});
  ok(treadle_executor_forward(executor, 1, nullptr, 0));
  refuses(treadle_executor_backward(executor, heads, 1), {"(3,)", "(2,)"});
  refuses(treadle_executor_backward(executor, nullptr, 0), "needs the gradient of output 0");
  TreadleNDArray* gap[] = {nullptr};
  refuses(treadle_executor_backward(executor, gap, 1), "needs the gradient of output 0");
  refuses(treadle_executor_output(executor, "ab", &array), {"no output 'ab'", "ab_output"});
  refuses(treadle_executor_auxiliary(executor, "a", &array), "no auxiliary state 'a'");
  refuses(treadle_executor_argument(executor, nullptr, &array), "name is NULL");
  refuses(treadle_executor_argument(executor, "a", nullptr), "array is NULL");
  REQUIRE(array == nullptr);
}

}  // namespace
}  // namespace treadle::testing
