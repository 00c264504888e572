// Operators with C callbacks: what they compute, and what becomes of failures at each stage.
#include <atomic>
#include <cstring>
#include <string>

#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

using Values = std::vector<float>;

// data^2 * scale, counting its runs in a state. Fails where `fails` says, in words of its own.
struct Square {
  float scale = 1;
};
std::string fails;
std::atomic<int> num_ops = 0, num_uses = 0, num_data = 0;

TreadleStatus failing(const char* stage) {
  if (fails != stage) return TREADLE_OK;
  treadle_set_error(("the " + fails + " was told to fail").c_str());
  return TREADLE_ERROR;
}
#define STAGE(name)                                                        \
  do {                                                                     \
    if (const TreadleStatus failed = failing(name); failed) return failed; \
  } while (false)

TreadleStatus make_square(void*, const TreadlePair* params, size_t count, void** op) {
  STAGE("make");
  auto made = std::make_unique<Square>();
  for (size_t i = 0; i < count; ++i) {
    if (params[i].key == std::string("scale")) made->scale = std::stof(params[i].value);
  }
  *op = made.release();
  ++num_ops;
  return TREADLE_OK;
}
void free_square(void* op) {
  delete static_cast<Square*>(op);
  --num_ops;
}
TreadleStatus list_states(void*, const char* const** names, size_t* count) {
  STAGE("list_states");
  static const char* const states[] = {"runs"};
  *names = states;
  *count = 1;
  return TREADLE_OK;
}
TreadleStatus infer_shape(void*, TreadleShapeInference* inference) {
  STAGE("infer_shape");
  TreadleShape shape = {};
  const int64_t one[] = {1};
  TreadleStatus status = treadle_inference_argument(inference, 0, &shape);
  if (!status) status = treadle_inference_set_output(inference, 0, shape.dims, shape.ndim);
  if (!status) status = treadle_inference_set_state(inference, 0, one, 1);
  return status;
}
TreadleStatus infer_type(void*, TreadleDType* arguments, size_t, TreadleDType* outputs, size_t,
                         TreadleDType* states, size_t) {
  STAGE("infer_type");
  outputs[0] = states[0] = fails == "bad type" ? 99 : arguments[0];
  return TREADLE_OK;
}
TreadleStatus bind_square(void* op, TreadleDevice, const TreadleShape* shapes,
                          const TreadleDType* types, size_t count, void** use) {
  STAGE("bind");
  if (count != 1 || shapes[0].ndim < 1 || types[0] != TREADLE_FLOAT32) {
    treadle_set_error("bind was told other things than expected");
    return TREADLE_ERROR;
  }
  *use = new Square(*static_cast<Square*>(op));
  ++num_uses;
  return TREADLE_OK;
}
void free_use(void* use) {
  delete static_cast<Square*>(use);
  --num_uses;
}

TreadleNDArray* kept = nullptr;  // a handle that outlives its run, against the rules

// Plain memory: result = a * b * scale, written or added.
TreadleStatus multiply(TreadleNDArray* result, TreadleRequest request, TreadleNDArray* a,
                       TreadleNDArray* b, float scale) {
  void* data[3] = {};
  int64_t count = 0;
  TreadleNDArray* arrays[] = {result, a, b};
  for (int i = 0; i < 3; ++i) {
    if (treadle_ndarray_data(arrays[i], &data[i])) return TREADLE_ERROR;
  }
  if (treadle_ndarray_size(result, &count)) return TREADLE_ERROR;
  auto* const to = static_cast<float*>(data[0]);
  for (int64_t i = 0; request != TREADLE_REQUEST_NULL && i < count; ++i) {
    const float value = static_cast<float*>(data[1])[i] * static_cast<float*>(data[2])[i] * scale;
    to[i] = request == TREADLE_REQUEST_ADD ? to[i] + value : value;
  }
  return TREADLE_OK;
}

TreadleStatus forward(void* use, const TreadleCustomRun* run) {
  STAGE("forward");
  if (treadle_is_recording() || treadle_is_training() != run->is_train) {
    treadle_set_error("the calls of the thread and those of the callback are mixed up");
    return TREADLE_ERROR;
  }
  if (fails == "silent") return 17;
  if (fails == "memory") {
    treadle_set_error("all full");
    return TREADLE_OUT_OF_MEMORY;
  }
  if (fails == "inner") return treadle_ndarray_copy_from(run->outputs[0], run->states[0]);
  if (fails == "lists") {
    const char* const* names = nullptr;
    size_t count = 0;
    treadle_set_error("the callback's own");
    return treadle_list_operators(&names, &count);
  }
  if (fails == "free") treadle_ndarray_free(run->inputs[0]);
  kept = run->outputs[0];
  TreadleNDArray *state = run->states[0], *sum[] = {state};
  const TreadlePair one[] = {{"scalar", "1"}};
  // Queued work, by the C interface, inside of the run.
  if (treadle_invoke("_plus_scalar", one, 1, &state, 1, sum, 1, nullptr)) return TREADLE_ERROR;
  return multiply(run->outputs[0], run->requests[0], run->inputs[0], run->inputs[0],
                  static_cast<Square*>(use)->scale);
}
TreadleStatus backward(void* use, const TreadleCustomRun* run) {
  STAGE("backward");
  return multiply(run->in_grads[0], run->requests[0], run->inputs[0], run->out_grads[0],
                  2 * static_cast<Square*>(use)->scale);
}

TreadleCustomOperator square() {
  TreadleCustomOperator made = {};
  made.struct_size = sizeof made;
  made.free_data = [](void*) { --num_data; };
  made.make = make_square;
  made.free_op = free_square;
  made.list_states = list_states;
  made.infer_shape = infer_shape;
  made.infer_type = infer_type;
  made.bind = bind_square;
  made.free_use = free_use;
  made.forward = forward;
  made.backward = backward;
  return made;
}

// Registered for the length of a test.
class Registered {
 public:
  explicit Registered(const TreadleCustomOperator& custom) {
    fails.clear();
    ++num_data;
    ok(treadle_custom_register("c_square", &custom));
  }
  ~Registered() {
    fails.clear();
    treadle_custom_forget("c_square");
  }
  Registered(const Registered&) = delete;
  Registered& operator=(const Registered&) = delete;
};

const TreadlePair op_type = {"op_type", "c_square"};

ExecutorHandle bound(TreadleSymbol* symbol) {
  const int64_t dims[] = {2};
  const TreadleNamedShape shape = {"x", {dims, 1}};
  ExecutorHandle made;
  ok(treadle_executor_simple_bind(symbol, treadle_cpu(0), &shape, 1, nullptr, made.out()));
  ArrayHandle x;
  ok(treadle_executor_argument(made, "x", x.out()));
  ok(treadle_ndarray_fill(x, 3));
  return made;
}
ArrayHandle output(TreadleExecutor* executor) {
  ArrayHandle made;
  ok(treadle_executor_output(executor, "sq_output", made.out()));
  return made;
}

TEST_CASE("a custom operator with C callbacks runs in a graph", "[bindings][c]") {
  {
    const Registered registered(square());
    const SymbolHandle net = node("Custom", {op_type, {"scale", "2"}}, {variable("x")}, "sq");
    const ExecutorHandle executor = bound(net);
    for (int i = 0; i < 2; ++i) ok(treadle_executor_forward(executor, 1, nullptr, 0));
    const ArrayHandle head = make({2}, {1, 10});
    TreadleNDArray* heads[] = {head};
    ok(treadle_executor_backward(executor, heads, 1));
    REQUIRE(values_of(output(executor)) == Values{18, 18});
    ArrayHandle gradient, runs;
    ok(treadle_executor_gradient(executor, "x", gradient.out()));
    ok(treadle_executor_auxiliary(executor, "sq_runs", runs.out()));
    REQUIRE(values_of(gradient) == Values{12, 120});
    REQUIRE(values_of(runs) == Values{2});
    REQUIRE(num_uses > 0);
    float value = 0;
    refuses(treadle_ndarray_copy_to_host(kept, &value, 4), "was freed before");
  }
  REQUIRE(num_uses == 0);
  REQUIRE(num_ops == 0);
  REQUIRE(num_data == 0);
}

TEST_CASE("a custom operator runs on arrays and is recorded", "[bindings][c]") {
  const Registered registered(square());
  const ArrayHandle x = make({2}, {3, 4}), runs = make({1}, 0), gradient = make({2}, 0);
  ok(treadle_mark_variable(x, gradient, TREADLE_REQUEST_WRITE));
  ok(treadle_set_recording(1, nullptr));
  const ArrayHandle y = call("Custom", {op_type}, {x, runs});
  REQUIRE(values_of(y) == Values{9, 16});  // the callback may run in this wait
  REQUIRE(treadle_is_recording() == 1);
  ok(treadle_set_recording(0, nullptr));
  TreadleNDArray* heads[] = {y};
  ok(treadle_backward(heads, nullptr, 1, 0));
  REQUIRE(values_of(gradient) == Values{6, 8});
}

TEST_CASE("what a thread was given holds while callbacks run in its waits", "[bindings][c]") {
  const Registered registered(square());
  const SymbolHandle net = node("Custom", {op_type}, {variable("x")}, "sq");
  ok(treadle_set_engine(TREADLE_ENGINE_SERIAL, 0));
  {
    const ExecutorHandle executor = bound(net);
    const char* const* names = nullptr;
    size_t count = 0;
    treadle_set_error("mine");
    ok(treadle_symbol_list_inputs(net, &names, &count));
    fails = "lists";
    ok(treadle_executor_forward(executor, 1, nullptr, 0));  // runs the callback here
    const ArrayHandle out = output(executor);
    ok(treadle_ndarray_wait(out));
    REQUIRE((count == 2 && names[1] == std::string("sq_runs")));
    REQUIRE(treadle_last_error() == std::string("mine"));
  }
  ok(treadle_set_engine(TREADLE_ENGINE_THREADED, 0));
}

TEST_CASE("a callback that fails while a graph is made says so at once", "[bindings][c]") {
  const Registered registered(square());
  const SymbolHandle x = variable("x");
  TreadleSymbol *inputs[] = {x}, *out = nullptr;
  for (const char* stage : {"make", "list_states"}) {
    fails = stage;
    const TreadlePair params[] = {op_type};
    refuses(treadle_symbol_compose("Custom", params, 1, inputs, nullptr, 1, "sq", &out),
            {concat("c_square.", stage, ": the ", stage, " was told to fail")});
  }
  REQUIRE(out == nullptr);
  fails.clear();
  const SymbolHandle net = node("Custom", {op_type}, {x}, "sq");
  const int64_t dims[] = {2};
  const TreadleNamedShape shape = {"x", {dims, 1}};
  TreadleExecutor* executor = nullptr;
  for (const char* stage : {"infer_shape", "infer_type", "bind"}) {
    fails = stage;
    refuses(treadle_executor_simple_bind(net, treadle_cpu(0), &shape, 1, nullptr, &executor),
            {concat("c_square.", stage, ": the ", stage, " was told to fail")});
  }
  fails = "bad type";
  refuses(treadle_executor_simple_bind(net, treadle_cpu(0), &shape, 1, nullptr, &executor),
          "c_square.infer_type: there is no element type 99");
  REQUIRE(executor == nullptr);
}

TEST_CASE("a callback that fails while it runs is reported by the waits", "[bindings][c]") {
  const Registered registered(square());
  const SymbolHandle net = node("Custom", {op_type}, {variable("x")}, "sq");
  const ExecutorHandle executor = bound(net);
  const ArrayHandle out = output(executor), head = make({2}, 1);
  ArrayHandle gradient, runs;
  ok(treadle_executor_gradient(executor, "x", gradient.out()));
  ok(treadle_executor_auxiliary(executor, "sq_runs", runs.out()));
  const auto run = [&](const char* how) {
    ok(treadle_ndarray_fill(runs,
                            0));  // a state that a failed run has touched is nobody's any more
    fails = how;
    ok(treadle_executor_forward(executor, 1, nullptr, 0));
    return treadle_ndarray_wait(out);
  };
  refuses(run("forward"), "Custom(sq): c_square.forward: the forward was told to fail");
  refuses(run("silent"), "the callback returned 17 and gave no reason");
  refuses(run("memory"), {"c_square.forward: all full"}, TREADLE_OUT_OF_MEMORY);
  refuses(run("inner"), {"c_square.forward: ", "(1,)", "(2,)", "shapes must be equal"});
  refuses(run("free"), {"was freed before"});
  ok(run("backward"));
  TreadleNDArray* heads[] = {head};
  ok(treadle_executor_backward(executor, heads, 1));
  refuses(treadle_ndarray_wait(gradient), {"c_square.backward: the backward was told to fail"});
  ok(run(""));
  ok(treadle_executor_backward(executor, heads, 1));
  REQUIRE(values_of(gradient) == Values{6, 6});
  treadle_wait_all();
}

// The identity, with as little as an operator needs.
TreadleStatus same_shape(void*, TreadleShapeInference* inference) {
  TreadleShape shape = {};
  if (const auto status = treadle_inference_argument(inference, 0, &shape)) return status;
  return treadle_inference_set_output(inference, 0, shape.dims, shape.ndim);
}
TreadleStatus copy_through(void* use, const TreadleCustomRun* run) {
  ++*static_cast<int*>(use);
  return treadle_ndarray_copy_from(run->outputs[0], run->inputs[0]);
}

TEST_CASE("an operator may leave out all callbacks but two", "[bindings][c]") {
  int runs = 0;
  TreadleCustomOperator custom = {};
  custom.struct_size = sizeof custom;
  custom.data = &runs;
  custom.infer_shape = same_shape;
  custom.forward = copy_through;
  {
    const Registered registered(custom);
    const ArrayHandle x = make({2}, {3, 4}), gradient = make({2}, 0);
    REQUIRE(values_of(call("Custom", {op_type}, {x})) == Values{3, 4});
    REQUIRE(runs == 1);
    TreadleNDArray *inputs[] = {x}, *out = nullptr;
    const TreadlePair params[] = {op_type, {"scale", "1"}};
    refuses(treadle_invoke("Custom", params, 2, inputs, 1, &out, 1, nullptr),
            "c_square: the operator takes no parameters; 'scale' is given");
    ok(treadle_mark_variable(x, gradient, TREADLE_REQUEST_WRITE));
    ok(treadle_set_recording(1, nullptr));
    const ArrayHandle y = call("Custom", {op_type}, {x});
    ok(treadle_set_recording(0, nullptr));
    TreadleNDArray* heads[] = {y};
    ok(treadle_backward(heads, nullptr, 1, 0));
    refuses(treadle_ndarray_wait(gradient), "c_square: the operator has no backward");
  }
  --num_data;
}

TEST_CASE("a clone of a run's array keeps what it held", "[bindings][c]") {
  static TreadleNDArray *clone, *view;
  clone = view = nullptr;
  TreadleCustomOperator custom = {};
  custom.struct_size = sizeof custom;
  custom.infer_shape = same_shape;
  custom.forward = [](void*, const TreadleCustomRun* run) {
    TreadleStatus status = treadle_ndarray_clone(run->outputs[0], &clone);
    if (!status) status = treadle_ndarray_slice(run->inputs[0], 1, 2, &view);
    if (!status) status = treadle_ndarray_copy_from(run->outputs[0], run->inputs[0]);
    return status;
  };
  {
    const Registered registered(custom);
    const SymbolHandle net = node("Custom", {op_type}, {node("square", {}, {variable("x")})}, "sq");
    const ExecutorHandle executor = bound(net);
    ok(treadle_executor_forward(executor, 0, nullptr, 0));
    const ArrayHandle out = output(executor);
    ok(treadle_ndarray_fill(out, 0));
    ok(treadle_ndarray_wait(out));
  }  // the memory of the run is gone
  REQUIRE(values_of(clone) == Values{9, 9});
  REQUIRE(values_of(view) == Values{9});
  treadle_ndarray_free(clone);
  treadle_ndarray_free(view);
  --num_data;
}

TEST_CASE("shapes are set only where they are, and only in the callback", "[bindings][c]") {
  static TreadleShapeInference* late = nullptr;
  TreadleCustomOperator custom = {};
  custom.struct_size = sizeof custom;
  custom.forward = copy_through;
  custom.infer_shape = [](void*, TreadleShapeInference* inference) {
    late = inference;
    const int64_t dims[] = {2, -1};
    TreadleShape shape = {};
    if (fails == "state") return treadle_inference_set_state(inference, 0, dims, 1);
    if (fails == "negative") return treadle_inference_set_output(inference, 0, dims, 2);
    if (fails == "other") return treadle_inference_set_argument(inference, 0, dims, 1);
    return treadle_inference_argument(inference, 1, &shape);
  };
  {
    const Registered registered(custom);
    const ArrayHandle x = make({3}, 1);
    TreadleNDArray *inputs[] = {x}, *out = nullptr;
    const auto invoke = [&](const char* how) {
      fails = how;
      return treadle_invoke("Custom", &op_type, 1, inputs, 1, &out, 1, nullptr);
    };
    refuses(invoke("state"), "number 0 is set, but the operator lists 0");
    refuses(invoke("negative"), "dims has the extent -1 at axis 1");
    refuses(invoke("index"), "argument 1 is asked for, but the operator lists 1");
    refuses(invoke("other"), {"(2,)", "(3,)"});
    REQUIRE(out == nullptr);
    const int64_t dims[] = {1};
    TreadleShape shape = {};
    refuses(treadle_inference_set_output(late, 0, dims, 1), "inference was freed before");
    refuses(treadle_inference_argument(late, 0, &shape), "inference was freed before");
    refuses(treadle_inference_argument(nullptr, 0, &shape), "inference is NULL");
  }
  --num_data;
}

TEST_CASE("a registration without what it needs is refused", "[bindings][c]") {
  TreadleCustomOperator custom = square();
  refuses(treadle_custom_register(nullptr, &custom), "name is NULL");
  refuses(treadle_custom_register("c_square", nullptr), "custom is NULL");
  custom.forward = nullptr;
  refuses(treadle_custom_register("c_square", &custom), "forward is NULL");
  custom = square();
  custom.infer_shape = nullptr;
  refuses(treadle_custom_register("c_square", &custom), "infer_shape is NULL");
  custom.struct_size = 0;
  refuses(treadle_custom_register("c_square", &custom), "struct_size of the options is 0");
  refuses(treadle_custom_forget(nullptr), "name is NULL");
  ok(treadle_custom_forget("never_registered"));
  const ArrayHandle x = make({1}, 1);
  TreadleNDArray *inputs[] = {x}, *out = nullptr;
  refuses(treadle_invoke("Custom", &op_type, 1, inputs, 1, &out, 1, nullptr),
          "no custom operator 'c_square' is registered");
}

}  // namespace
}  // namespace treadle::testing
