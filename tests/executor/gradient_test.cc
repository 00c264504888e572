// Gradients of whole graphs against differences of their values.
#include <functional>

#include "support.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Compares the gradient of sum(head * output) with central differences, in double precision.
void check_gradients(const Symbol& net, const ShapeMap& shapes, double tolerance = 1e-6) {
  TypeMap types;
  for (const auto& [name, shape] : shapes) types[name] = DType::f64;
  Executor exec = net.simple_bind(cpu(), shapes, {.types = types});
  const auto set = [](Array array, const std::vector<double>& values) {
    array.copy_from_host(values.data(), array.bytes());
  };
  std::vector<std::vector<double>> points;
  for (size_t i = 0; i < exec.arguments().size(); ++i) {
    const Array& argument = exec.arguments()[i];
    auto& point = points.emplace_back(
        random_array(argument.shape(), 100 + i).as_type(DType::f64).to_vector<double>());
    for (double& x : point) x += x > 0 ? 0.5 : -0.5;  // away from 0, where division blows up
    set(argument, point);
  }
  const Array& output = exec.outputs()[0];
  const Array head = random_array(output.shape(), 55).as_type(DType::f64);
  const auto head_values = head.to_vector<double>();
  const auto value = [&] {
    exec.forward(Mode::train);
    const auto out = output.to_vector<double>();
    double sum = 0;
    for (size_t k = 0; k < out.size(); ++k) sum += head_values[k] * out[k];
    return sum;
  };
  exec.forward(Mode::train);
  exec.backward({&head, 1});
  for (size_t i = 0; i < points.size(); ++i) {
    const auto gradient = exec.gradients()[i].to_vector<double>();
    for (size_t k = 0; k < points[i].size(); ++k) {
      std::vector<double> moved = points[i];
      constexpr double step = 1e-5;
      moved[k] = points[i][k] + step;
      set(exec.arguments()[i], moved);
      const double above = value();
      moved[k] = points[i][k] - step;
      set(exec.arguments()[i], moved);
      const double below = value();
      INFO(exec.program()->argument_names()[i] << '[' << k << ']');
      CHECK(gradient[k] ==
            Approx((above - below) / (2 * step)).epsilon(tolerance).margin(tolerance));
    }
    set(exec.arguments()[i], points[i]);
  }
}

}  // namespace

TEST_CASE("gradients of arithmetic, where variables are used several times",
          "[executor][gradient]") {
  const Symbol a = Symbol::variable("a"), b = Symbol::variable("b");
  const ShapeMap both = {{"a", {2, 3}}, {"b", {2, 3}}};
  check_gradients(a + a * b, both);
  check_gradients(a * a * a, {{"a", {4}}});
  check_gradients((a + b) * (a - b) / (b + 3.0 * a * a), both);
  check_gradients(1.0 / a - b / 2.0 + (2.0 - b) * a, both);
  const Symbol shared = a * b;
  check_gradients(shared * shared + shared, both);
}

TEST_CASE("a variable alone, and a sum of itself, have gradients", "[executor][gradient]") {
  const Symbol a = Symbol::variable("a");
  check_gradients(a, {{"a", {3}}});
  check_gradients(a + a, {{"a", {3}}});
}

TEST_CASE("gradients through layers", "[executor][gradient]") {
  Symbol net = Symbol::variable("data");
  net = Convolution{.kernel = {3, 3}, .pad = {1, 1}, .num_filter = 2}(net, "conv");
  net = Activation{.act_type = ActType::tanh}(net, "tanh");
  net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::avg, .stride = {2, 2}}(net, "pool");
  net = FullyConnected{.num_hidden = 3}(net, "fc");
  net = Activation{.act_type = ActType::sigmoid}(net, "sigmoid");
  check_gradients(net, {{"data", {2, 1, 4, 4}}}, 1e-5);
}

TEST_CASE("a weight that two layers share collects both gradients", "[executor][gradient]") {
  const Symbol weight = Symbol::variable("w"), data = Symbol::variable("data");
  const auto layer = [&](const Symbol& input) {
    return apply(
        "Activation",
        {apply("FullyConnected", {input, weight}, {}, {{"num_hidden", "3"}, {"no_bias", "True"}})},
        {}, {{"act_type", "tanh"}});
  };
  check_gradients(layer(layer(data)), {{"data", {2, 3}}});
}

TEST_CASE("a skip connection and a concatenation", "[executor][gradient]") {
  const Symbol data = Symbol::variable("data");
  Symbol branch = FullyConnected{.num_hidden = 3}(data, "fc1");
  branch = Activation{.act_type = ActType::softrelu}(branch, "act") + data;
  check_gradients(apply("Concat", {branch, data, branch}, "cat", {{"dim", "1"}}),
                  {{"data", {2, 3}}});
}

TEST_CASE("gradients that no output depends on are zero", "[executor][gradient]") {
  const Symbol a = Symbol::variable("a"), b = Symbol::variable("b");
  const Symbol net = a * 2.0 + apply("BlockGrad", {b});
  Executor exec = net.simple_bind(cpu(), {{"a", {2}}, {"b", {2}}});
  exec.gradient("b").fill(7);
  exec.forward(Mode::train);
  const Array heads[] = {Array::full({2}, 1)};
  exec.backward(heads);
  CHECK(exec.gradient("a").to_vector<float>() == std::vector<float>{2, 2});
  CHECK(exec.gradient("b").to_vector<float>() == std::vector<float>{0, 0});
}

TEST_CASE("a loss needs no head gradient, and a group of losses adds up", "[executor][gradient]") {
  const Symbol x = Symbol::variable("x");
  const Symbol members[] = {LinearRegressionOutput{}(x, "first"),
                            LinearRegressionOutput{}(x * 3.0, "second")};
  Executor exec = Symbol::group(members).simple_bind(
      cpu(), {{"x", {2, 1}}, {"first_label", {2, 1}}, {"second_label", {2, 1}}});
  exec.argument("x").fill(2);
  exec.forward(Mode::train);
  exec.backward();
  // d/dx of (x - 0)^2 / 2 and (3x - 0)^2 / 2 at x = 2.
  CHECK(exec.gradient("x").to_vector<float>() == std::vector<float>{2 + 18, 2 + 18});
}

TEST_CASE("computing once what is computed twice leaves the same numbers", "[executor]") {
  const Symbol x = Symbol::variable("x");
  const auto branch = [&](const Symbol& data, const char* name) {
    return apply("_copy", {Activation{.act_type = ActType::tanh}(data, name)});
  };
  const auto net = [&](const Symbol& first, const Symbol& second) {
    return branch(first, "one") * branch(second, "two") + branch(first, "three");
  };
  const ShapeMap shapes = {{"x", {3, 4}}};
  Executor twice = net(x, x).simple_bind(cpu(), shapes);
  // An argument of its own for each branch, so that nothing is equal.
  Executor apart = net(x, Symbol::variable("y")).simple_bind(cpu(), {{"x", {3, 4}}, {"y", {3, 4}}});
  CHECK(twice.program()->steps().size() < apart.program()->steps().size());
  const Array heads[] = {random_array({3, 4}, 8)};
  twice.argument("x").copy_from(random_array({3, 4}, 7));
  for (const char* name : {"x", "y"}) apart.argument(name).copy_from(random_array({3, 4}, 7));
  for (Executor* exec : {&twice, &apart}) {
    exec->forward(Mode::train);
    exec->backward(heads);
  }
  CHECK(twice.outputs()[0].to_vector<float>() == apart.outputs()[0].to_vector<float>());
  const std::vector<float> whole = twice.gradient("x").to_vector<float>();
  const std::vector<float> a = apart.gradient("x").to_vector<float>(),
                           b = apart.gradient("y").to_vector<float>();
  for (size_t i = 0; i < whole.size(); ++i) CHECK(whole[i] == Approx(a[i] + b[i]));
}
