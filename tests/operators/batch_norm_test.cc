#include "treadle/graph/symbol.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol layer(const ParamText& params = {}) {
  return compose("BatchNorm", params, std::vector{Symbol::variable("data")}, {}, "bn");
}

// Data (2, 2, 2), gamma, beta, moving mean and variance of the runs that MXNet 1.9.1 was asked for.
const std::vector<HostArray>& inputs() {
  static const std::vector<HostArray> made = {
      make_array({2, 2, 2}, {1, 2, 3, -1, 0, 4, 2, 2}, DType::f32),
      make_array({2}, {2, 3}, DType::f32), make_array({2}, {0.5, -1}, DType::f32),
      make_array({2}, {0.25, 1}, DType::f32), make_array({2}, {2, 0.5}, DType::f32)};
  return made;
}

struct Expected {
  const char* fix_gamma;
  const char* use_global_stats;
  Mode mode;
  std::vector<double> out, mean, var, data_grad, gamma_grad, beta_grad, moving_mean, moving_var;
};

const Expected expectations[] = {
    {"False",
     "False",
     Mode::train,
     {-0.51187491, 0.83729160, 1.99335551, -5.98892593, -1.86104131, 3.53562474, -0.00221485,
      -0.00221485},
     {1.75, 1.5},
     {0.67458326, 0.66519010},
     {0.15655518, -1.85107422, 1.15782929, 0.39845276, 0.81502533, 0.87949371, -2.77371216,
      1.21743011},
     {-3.03562164, -2.82705688},
     {2, 2.5},
     {0.625, 1.125},
     {2.046875, 0.9375}},
    {"True",
     "False",
     Mode::train,
     {-0.00593746, 0.66864580, -0.00221485, -2.66297531, -0.68052065, 2.01781225, -0.66740495,
      -0.66740495},
     {1.75, 1.5},
     {0.67458326, 0.66519010},
     {0.07827759, -0.92553711, 0.38594055, 0.13282013, 0.40751648, 0.43974304, -0.92456818,
      0.40580750},
     {0, 0},
     {2, 2.5},
     {0.625, 1.125},
     {2.046875, 0.9375}},
    {"False",
     "False",
     Mode::infer,
     {1.55801845, 2.96870971, 7.40167999, -9.40167999, 0.14732718, 5.79009247, 3.20084000,
      3.20084000},
     {0.25, 1},
     {0.70534563, 1.40027998},
     {1.41069031, -1.41069031, 2.10041809, 8.40167999, 2.82138062, 0, -4.20083618, 4.20083618},
     {-1.05802155, -4.20083618},
     {2, 2.5},
     {0.25, 1},
     {2, 0.5}},
    {"False",
     "True",
     Mode::train,
     {1.55801845, 2.96870971, 7.40167999, -9.40167999, 0.14732718, 5.79009247, 3.20084000,
      3.20084000},
     {0.25, 1},
     {0.70534563, 1.40027998},
     {1.41069031, -1.41069031, 2.10041809, 8.40167999, 2.82138062, 0, -4.20083618, 4.20083618},
     {-1.05802155, -4.20083618},
     {2, 2.5},
     {0.25, 1},
     {2, 0.5}},
};

void require_close(const HostArray& actual, const std::vector<double>& expected) {
  const std::vector<double> numbers = numbers_of(actual);
  REQUIRE(numbers.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    REQUIRE(numbers[i] == Approx(expected[i]).margin(2e-5));
}

}  // namespace

TEST_CASE("BatchNorm follows MXNet: outputs, gradients and moving averages", "[operators]") {
  const HostArray head = make_array({2, 2, 2}, {1, -1, 0.5, 2, 2, 0, -1, 1}, DType::f32);
  HostArray no_head({{2}, DType::f32});
  no_head.fill(0);
  for (const Expected& expected : expectations) {
    const OpRunner runner("BatchNorm",
                          {{"eps", "0.01"},
                           {"momentum", "0.75"},
                           {"fix_gamma", expected.fix_gamma},
                           {"use_global_stats", expected.use_global_stats}},
                          {{2, 2, 2}}, DType::f32);
    for (const Implementation& each :
         runner.op().attributes.get<Implementations<DeviceKind::cpu>>()->list) {
      INFO(each.name << ", fix_gamma " << expected.fix_gamma << ", use_global_stats "
                     << expected.use_global_stats << ", training "
                     << (expected.mode == Mode::train));
      RunOptions options;
      options.implementation = each.name;
      options.mode = expected.mode;
      const auto made = runner.backward(inputs(), {head, no_head, no_head}, options);
      require_close(made.outputs[0], expected.out);
      require_close(made.outputs[1], expected.mean);
      require_close(made.outputs[2], expected.var);
      require_close(made.in_grads[0], expected.data_grad);
      require_close(made.in_grads[1], expected.gamma_grad);
      require_close(made.in_grads[2], expected.beta_grad);

      // Forward leaves the averages alone; backward updates them.
      const NodeAnswer forward = run_node(made.own_nodes[0], options);
      REQUIRE(forward.inputs[3].has_same_bits(inputs()[3]));
      REQUIRE(forward.inputs[4].has_same_bits(inputs()[4]));
      if (std::string_view(expected.use_global_stats) == "True")
        continue;  // backward has no averages
      const NodeAnswer backward = run_node(made.own_nodes[1], options);
      require_close(backward.inputs[backward.inputs.size() - 2], expected.moving_mean);
      require_close(backward.inputs[backward.inputs.size() - 1], expected.moving_var);
    }
  }
}

TEST_CASE("BatchNorm shows its statistics when asked", "[operators]") {
  REQUIRE(layer().list_outputs() == std::vector<std::string>{"bn_output"});
  REQUIRE(layer({{"output_mean_var", "True"}}).list_outputs() ==
          std::vector<std::string>{"bn_output", "bn_mean", "bn_var"});
  REQUIRE(layer().list_auxiliary_states() ==
          std::vector<std::string>{"bn_moving_mean", "bn_moving_var"});
  REQUIRE(layer().list_arguments() == std::vector<std::string>{"data", "bn_gamma", "bn_beta"});
  const auto attributes = layer().attr_dict();
  REQUIRE(attributes.at("bn_moving_mean").at("__init__") == "[\"zero\", {}]");
  REQUIRE(attributes.at("bn_moving_var").at("__init__") == "[\"one\", {}]");
}

TEST_CASE("BatchNorm infers shapes and types", "[operators]") {
  const InferredShapes made = layer({{"axis", "-1"}}).infer_shape({{"data", {2, 3, 5}}});
  REQUIRE(made.arguments == std::vector<Shape>{{2, 3, 5}, {5}, {5}});
  REQUIRE(made.auxiliaries == std::vector<Shape>{{5}, {5}});
  REQUIRE(layer().infer_shape({{"data", {2, 0, 4}}, {"bn_gamma", {3}}}).arguments[0] ==
          Shape{2, 3, 4});

  const InferredTypes half = layer().infer_type({{"data", DType::f16}});
  REQUIRE(half.arguments == std::vector<DType>{DType::f16, DType::f32, DType::f32});
  REQUIRE(half.outputs == std::vector<DType>{DType::f16});
  REQUIRE(half.auxiliaries == std::vector<DType>{DType::f32, DType::f32});
  REQUIRE(layer().infer_type({{"data", DType::f64}}).auxiliaries ==
          std::vector<DType>{DType::f64, DType::f64});
}

TEST_CASE("BatchNorm says what is wrong", "[operators]") {
  require_error_matches([] { layer({{"axis", "3"}}).infer_shape({{"data", {2, 3}}}); },
                        "BatchNorm(bn): axis is 3, but data has shape (2, 3): expected -2 to 1.");
  require_error_matches([] { layer().infer_shape({{"data", {5}}}); },
                        "axis is 1, but data has shape (5,): expected -1 to 0.");
  require_error_matches(
      [] { layer().infer_shape({{"data", {2, 3, 4}}, {"bn_beta", {4}}}); },
      {"BatchNorm(bn): beta has shape (4,)", "expected (3,)", "data is (2, 3, 4) and axis is 1"});
  require_error_matches(
      [] { layer().infer_type({{"data", DType::f16}, {"bn_gamma", DType::f16}}); },
      {"BatchNorm(bn): gamma is float16", "expected float32"});
}

}  // namespace treadle::testing
