#include <cstdlib>
#include <thread>

#include "support.h"
#include "treadle/operators/custom/custom.h"
#include "treadle/tests/executor/test_ops.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

using Floats = std::vector<float>;

Symbol two_layers() {
  Symbol net = FullyConnected{.num_hidden = 4}(Symbol::variable("data"), "fc1");
  return FullyConnected{.num_hidden = 2}(Activation{.act_type = ActType::tanh}(net, "tanh1"),
                                         "fc2");
}

Bindings arrays_for_two_layers(int64_t batch = 3) {
  Bindings b;
  b.arguments = {{"data", random_array({batch, 5}, 1)},
                 {"fc1_weight", random_array({4, 5}, 2)},
                 {"fc1_bias", random_array({4}, 3)},
                 {"fc2_weight", random_array({2, 4}, 4)},
                 {"fc2_bias", random_array({2}, 5)}};
  b.gradients = {{"fc1_weight", Array::zeros({4, 5})}, {"fc2_bias", Array::zeros({2})}};
  return b;
}

std::shared_ptr<const Program> bound(const Symbol& symbol, const Bindings& bindings) {
  return Executor::bind(symbol, cpu(), bindings).program();
}

class WithVariable {
 public:
  WithVariable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~WithVariable() { unsetenv(name_); }

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("binding again uses the compiled program, on arrays and state of its own", "[executor]") {
  const Symbol net = two_layers();
  const Bindings first = arrays_for_two_layers();
  Bindings second = arrays_for_two_layers();
  second.arguments["data"] = random_array({3, 5}, 99);
  Executor a = Executor::bind(net, cpu(), first), b = Executor::bind(net, cpu(), second);
  CHECK(a.program() == b.program());
  const Array heads[] = {Array::full({3, 2}, 1)};
  const auto run = [&](Executor& exec) {
    exec.forward(Mode::train);
    exec.backward(heads);
  };
  run(a);
  run(b);  // at the same time as the first, on another arena
  Executor fresh = Executor::bind(two_layers(), cpu(), second);
  CHECK(fresh.program() != b.program());
  const Floats gradient = second.gradients.at("fc1_weight").to_vector<float>();
  const Floats output = b.outputs()[0].to_vector<float>();
  run(fresh);
  CHECK(fresh.outputs()[0].to_vector<float>() == output);
  CHECK(second.gradients.at("fc1_weight").to_vector<float>() == gradient);
  CHECK(a.outputs()[0].to_vector<float>() != output);
  // A copy is the same symbol.
  const Symbol copy = net;
  CHECK(bound(copy, first) == a.program());
}

TEST_CASE("what a program depends on finds another one", "[executor]") {
  Symbol net = two_layers();
  const Bindings plain = arrays_for_two_layers();
  const auto program = bound(net, plain);
  SECTION("shapes") { CHECK(bound(net, arrays_for_two_layers(4)) != program); }
  SECTION("which gradients are wanted") {
    Bindings b = plain;
    b.gradients.erase("fc2_bias");
    CHECK(bound(net, b) != program);
    b = plain;
    b.requests["fc2_bias"] = Request::add;
    CHECK(bound(net, b) != program);
  }
  SECTION("reuse of memory and its budget") {
    Bindings b = plain;
    b.reuses_memory = false;
    CHECK(bound(net, b) != program);
    b = plain;
    b.memory_budget = 1 << 20;
    CHECK(bound(net, b) != program);
  }
  SECTION("types") {
    Bindings b;
    b.default_request = Request::null;
    for (const auto& [name, array] : plain.arguments)
      b.arguments[name] = Array::zeros(array.shape(), DType::f64);
    CHECK(bound(net, b)->outputs()[0].type == DType::f64);
  }
  SECTION("an attribute that changed") {
    net.internals()["tanh1_output"].set_attr("__force_mirroring__", "True");
    const auto marked = bound(net, plain);
    CHECK(marked->has_marked_nodes());
    CHECK_FALSE(program->has_marked_nodes());
    CHECK(bound(net, plain) == marked);
    return;
  }
  SECTION("the environment's wish to recompute") {
    const WithVariable mirror("MXNET_BACKWARD_DO_MIRROR", "1");
    CHECK(bound(net, plain) != program);
  }
  SECTION("another symbol of the same structure") {
    CHECK(bound(net.deep_copy(), plain) != program);
  }
  CHECK(bound(net, plain) == program);
}

TEST_CASE("a bind that is known by its shapes is checked like any other", "[executor]") {
  const Symbol net = two_layers();
  Bindings b = arrays_for_two_layers();
  bound(net, b);
  SECTION("a surplus gradient") {
    b.gradients["fc3_bias"] = Array::zeros({2});
    require_error_matches([&] { bound(net, b); }, {"the gradient 'fc3_bias', which the symbol"});
  }
  SECTION("an array that is none") {
    b.arguments["data"] = Array();
    require_error_matches([&] { bound(net, b); }, {"No array is given for the argument 'data'"});
  }
  SECTION("an argument given as a state") {
    b.auxiliaries["fc1_bias"] = b.arguments["fc1_bias"];
    b.arguments.erase("fc1_bias");
    require_error_matches([&] { bound(net, b); }, {"the auxiliary state 'fc1_bias', which"});
  }
  SECTION("a gradient of another shape") {
    b.gradients["fc2_bias"] = Array::zeros({3});
    require_error_matches([&] { bound(net, b); }, {"gradient of 'fc2_bias' has shape (3,)"});
  }
}

TEST_CASE("programs are kept up to a number, the latest used ones, and go with the symbol",
          "[executor]") {
  std::weak_ptr<const Program> first, second, last;
  {
    const Symbol net = two_layers();
    const auto with_batch = [&](int64_t batch) { return bound(net, arrays_for_two_layers(batch)); };
    first = with_batch(1);
    second = with_batch(2);
    for (int64_t batch = 3; batch <= int64_t(Program::programs_per_symbol); ++batch)
      with_batch(batch);
    CHECK_FALSE(second.expired());
    CHECK(with_batch(1) == first.lock());  // used again, so the second is the oldest now
    last = with_batch(100);
    CHECK(second.expired());
    CHECK_FALSE(first.expired());
  }
  CHECK(first.expired());
  CHECK(last.expired());
}

TEST_CASE("threads that bind one symbol at the same time get programs that work", "[executor]") {
  const Symbol net = two_layers();
  const Bindings given = arrays_for_two_layers();
  Executor reference = Executor::bind(two_layers(), cpu(), given);
  reference.forward(Mode::infer);
  const Floats expected = reference.outputs()[0].to_vector<float>();
  std::vector<std::thread> threads;
  std::atomic<int> good = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        Bindings own = arrays_for_two_layers(1 + (t + i) % 12);
        own.arguments["data"] = given.arguments.at("data");
        own.gradients.clear();
        Executor exec = Executor::bind(net, cpu(), i % 2 == 0 ? own : given);
        exec.forward(Mode::infer);
        good += exec.outputs()[0].to_vector<float>() == expected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(good == 80);
}

namespace {

// Counts its binds.
struct CountingOperator final : CustomOperator {
  static inline std::atomic<int> binds = 0;

  struct Kernel final : CustomKernel {
    void forward(const CustomRun& run) override { Array(run.outputs[0]).copy_from(run.inputs[0]); }
    void backward(const CustomRun&) override {}
  };
  void infer_shape(std::vector<Shape>& arguments, std::vector<Shape>& outputs,
                   std::vector<Shape>&) const override {
    outputs[0] = arguments[0];
  }
  std::shared_ptr<CustomKernel> bind(Device, std::span<const TensorSpec>) const override {
    ++binds;
    return std::make_shared<Kernel>();
  }
};

}  // namespace

TEST_CASE("each bind of a custom operator has an instance of its own", "[executor]") {
  register_custom_operator("counting",
                           [](const ParamText&) { return std::make_shared<CountingOperator>(); });
  const Symbol net = apply("Custom", {Symbol::variable("data")}, "c", {{"op_type", "counting"}});
  const ShapeMap shapes = {{"data", {2}}};
  const Executor a = net.simple_bind(cpu(), shapes, {.default_request = Request::null});
  const Executor b = net.simple_bind(cpu(), shapes, {.default_request = Request::null});
  CHECK(a.program() != b.program());
  CHECK(CountingOperator::binds == 2);
  register_custom_operator("counting", nullptr);
}
