#include "treadle/graph/symbol.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol layer(const ParamText& params) {
  return compose("FullyConnected", params, std::vector{Symbol::variable("data")}, {}, "fc1");
}

}  // namespace

TEST_CASE("FullyConnected multiplies by the transposed weight and adds the bias", "[operators]") {
  const OpRunner runner("FullyConnected", {{"num_hidden", "2"}}, {{2, 3}}, DType::f32);
  const std::vector<HostArray> inputs = {make_array({2, 3}, {1, 2, 3, 4, 5, 6}, DType::f32),
                                         make_array({2, 3}, {1, 0, -1, 2, 1, 0}, DType::f32),
                                         make_array({2}, {10, 20}, DType::f32)};
  const HostArray head = make_array({2, 2}, {1, 2, 3, 4}, DType::f32);
  for (const Implementation& each :
       runner.op().attributes.get<Implementations<DeviceKind::cpu>>()->list) {
    INFO(each.name);
    RunOptions options;
    options.implementation = each.name;
    const auto made = runner.backward(inputs, {head}, options);
    REQUIRE(numbers_of(made.outputs[0]) == std::vector<double>{8, 24, 8, 33});
    REQUIRE(numbers_of(made.in_grads[0]) == std::vector<double>{5, 2, -1, 11, 4, -3});
    REQUIRE(numbers_of(made.in_grads[1]) == std::vector<double>{13, 17, 21, 18, 24, 30});
    REQUIRE(numbers_of(made.in_grads[2]) == std::vector<double>{4, 6});
  }
}

TEST_CASE("FullyConnected infers shapes both ways", "[operators]") {
  SECTION("weight, bias and output from data") {
    const InferredShapes made = layer({{"num_hidden", "5"}}).infer_shape({{"data", {2, 3, 4}}});
    REQUIRE(made.arguments == std::vector<Shape>{{2, 3, 4}, {5, 12}, {5}});
    REQUIRE(made.outputs == std::vector<Shape>{{2, 5}});
  }
  SECTION("without flattening only the last axis is mapped") {
    const Symbol net = layer({{"num_hidden", "5"}, {"flatten", "False"}, {"no_bias", "True"}});
    const InferredShapes made = net.infer_shape({{"data", {2, 3, 4}}});
    REQUIRE(made.arguments == std::vector<Shape>{{2, 3, 4}, {5, 4}});
    REQUIRE(made.outputs == std::vector<Shape>{{2, 3, 5}});
  }
  SECTION("the batch from the output, the depth from the weight") {
    const Symbol net = layer({{"num_hidden", "5"}}) + Symbol::variable("other");
    const InferredShapes made =
        net.infer_shape({{"data", {0, 0}}, {"fc1_weight", {5, 7}}, {"other", {4, 5}}});
    REQUIRE(made.arguments[0] == Shape{4, 7});
  }
  SECTION("nothing is said of data whose rank is unknown") {
    const InferredShapes made =
        layer({{"num_hidden", "4"}}).infer_shape({{"fc1_weight", {4, 7}}}, true);
    REQUIRE(made.arguments == std::vector<Shape>{{}, {4, 7}, {}});
  }
}

TEST_CASE("FullyConnected says what is wrong", "[operators]") {
  require_error_matches(
      [] {
        layer({{"num_hidden", "128"}})
            .infer_shape({{"data", {32, 100}}, {"fc1_weight", {128, 64}}});
      },
      {"FullyConnected(fc1): weight has shape (128, 64)",
       "expected (128, 100): data is (32, 100) and num_hidden is 128."});
  require_error_matches(
      [] { layer({{"num_hidden", "4"}}).infer_shape({{"data", {2, 3}}, {"fc1_bias", {5}}}); },
      {"FullyConnected(fc1): bias has shape (5,)", "expected (4,)"});
  require_error_matches([] { layer({{"num_hidden", "0"}}); }, {"num_hidden", "0"});
  require_error_matches([] { layer({}); }, "num_hidden");
  require_error_matches(
      [] {
        layer({{"num_hidden", "4"}}).infer_type({{"data", DType::f32}, {"fc1_weight", DType::f64}});
      },
      {"FullyConnected(fc1)", "float64", "float32"});
  const OpRunner runner("FullyConnected", {{"num_hidden", "2"}}, {{2, 3}}, DType::i32);
  std::vector<HostArray> inputs;
  for (int i = 0; i < 3; ++i) inputs.emplace_back(runner.input_spec(i));
  require_error_matches([&] { runner.forward(inputs); },
                        {"FullyConnected(node): no implementation takes these arrays.",
                         "reference: element type int32 is not supported"});
}

}  // namespace treadle::testing
