// An operator that the program brings along: data^2 * scale, with a count of its runs as a state.
#include "treadle/operators/custom/custom.h"

#include "treadle/core/error.h"
#include "treadle/executor/executor.h"
#include "treadle/executor/imperative.h"
#include "treadle/tests/operators/sweep.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Array times(const Array& a, const Array& b) {
  const Array inputs[] = {a, b};
  return invoke("elemwise_mul", {}, inputs)[0];
}
Array scaled(const Array& a, double factor) {
  return invoke("_mul_scalar", {{"scalar", std::to_string(factor)}}, {&a, 1})[0];
}
void assign(Array target, Request request, const Array& value) {
  if (request == Request::write) target.copy_from(value);
  if (request == Request::add) {
    const Array inputs[] = {target, value};
    invoke("elemwise_add", {}, inputs, {.outputs = {&target, 1}});
  }
}

class SquareKernel final : public CustomKernel {
 public:
  explicit SquareKernel(double scale) : scale_(scale) {}

  void forward(const CustomRun& run) override {
    assign(run.outputs[0], run.requests[0], scaled(times(run.inputs[0], run.inputs[0]), scale_));
  }
  void backward(const CustomRun& run) override {
    assign(run.in_grads[0], run.requests[0],
           scaled(times(run.inputs[0], run.out_grads[0]), 2 * scale_));
  }

 private:
  double scale_;
};

class Square final : public CustomOperator {
 public:
  explicit Square(const ParamText& params)
      : scale_(params.contains("scale") ? std::stod(params.at("scale")) : 1) {}

  void infer_shape(std::vector<Shape>& arguments, std::vector<Shape>& outputs,
                   std::vector<Shape>&) const override {
    outputs[0] = arguments[0];
  }
  std::shared_ptr<CustomKernel> bind(Device, std::span<const TensorSpec>) const override {
    return std::make_shared<SquareKernel>(scale_);
  }

 private:
  double scale_;
};

[[maybe_unused]] const bool registered = [] {
  register_custom_operator("test_square", [](const ParamText& params) {
    return std::make_shared<const Square>(params);
  });
  return true;
}();

TREADLE_SWEEP({.op = "Custom",
               .params = {{"op_type", "test_square"}, {"scale", "0.5"}},
               .inputs = {{2, 3}}});

TEST_CASE("a custom operator runs in a graph and takes parameters of its own", "[operators]") {
  const Symbol x = Symbol::variable("x");
  const Symbol inputs[] = {x};
  const Symbol net =
      compose("Custom", {{"op_type", "test_square"}, {"scale", "3"}}, inputs, {}, "sq");
  REQUIRE(net.list_outputs() == std::vector<std::string>{"sq_output"});
  const Symbol loaded = Symbol::from_json(net.to_json());
  Executor exec = loaded.simple_bind(cpu(), {{"x", {2}}});
  exec.argument("x").fill(2);
  exec.forward(Mode::train);
  const Array heads[] = {Array::full({2}, 1)};
  exec.backward(heads);
  REQUIRE(exec.outputs()[0].to_vector<float>() == std::vector<float>{12, 12});
  REQUIRE(exec.gradients()[0].to_vector<float>() == std::vector<float>{12, 12});
}

// Keeps its input from run to run, against the rules.
class Keeper final : public CustomKernel {
 public:
  static inline Array kept;

  void forward(const CustomRun& run) override {
    kept = run.inputs[0];
    Array(run.outputs[0]).fill(0);
    if (run.mode == Mode::train) throw Error("after keeping");
  }
  void backward(const CustomRun&) override {}
};
class KeeperOperator final : public CustomOperator {
 public:
  void infer_shape(std::vector<Shape>& arguments, std::vector<Shape>& outputs,
                   std::vector<Shape>&) const override {
    outputs[0] = arguments[0];
  }
  std::shared_ptr<CustomKernel> bind(Device, std::span<const TensorSpec>) const override {
    return std::make_shared<Keeper>();
  }
};

TEST_CASE("an array that is kept beyond its run holds what it held", "[operators]") {
  register_custom_operator(
      "test_keeper", [](const ParamText&) { return std::make_shared<const KeeperOperator>(); });
  for (const Mode mode : {Mode::infer, Mode::train}) {
    {
      Array x = Array::full({2}, 5);
      const Array y = invoke("Custom", {{"op_type", "test_keeper"}}, {&x, 1}, {.mode = mode})[0];
      if (mode == Mode::infer) y.wait();
      if (mode == Mode::train) require_error_matches([&] { y.wait(); }, "after keeping");
      x.fill(0);
      x.wait();
    }
    REQUIRE(Keeper::kept.to_vector<float>() == std::vector<float>{5, 5});
  }
  Keeper::kept = {};
  register_custom_operator("test_keeper", nullptr);
}

TEST_CASE("a custom operator that nobody registered is named", "[operators]") {
  const Symbol inputs[] = {Symbol::variable("x")};
  REQUIRE_THROWS_WITH(compose("Custom", {{"op_type", "test_squares"}}, inputs),
                      Catch::Contains("no custom operator 'test_squares' is registered") &&
                          Catch::Contains("test_square"));
}

}  // namespace
}  // namespace treadle::testing
