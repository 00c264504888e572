// Activation, Dropout, the elementwise family and the SGD updates: special values and refusals.
#include <cmath>
#include <limits>

#include "treadle/graph/symbol.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Numbers = std::vector<double>;
constexpr double infinity = std::numeric_limits<double>::infinity();

Numbers run(std::string_view op, const ParamText& params, const std::vector<Numbers>& inputs,
            DType type = DType::f32, const RunOptions& options = {}) {
  std::vector<Shape> shapes;
  std::vector<HostArray> arrays;
  for (const Numbers& numbers : inputs) {
    shapes.push_back(Shape{int64_t(numbers.size())});
    arrays.push_back(make_array(shapes.back(), numbers, type));
  }
  return numbers_of(OpRunner(op, params, shapes, type).forward(arrays, options)[0]);
}

Numbers activate(std::string_view type, const Numbers& x) {
  return run("Activation", {{"act_type", std::string(type)}}, {x});
}

}  // namespace

TEST_CASE("Activation at the ends of the line", "[operators][activation]") {
  CHECK(activate("relu", {-infinity, -1, 0, 2, infinity}) == Numbers{0, 0, 0, 2, infinity});
  CHECK(activate("sigmoid", {-infinity, -200, 0, 200, infinity}) == Numbers{0, 0, .5, 1, 1});
  CHECK(activate("tanh", {-infinity, -200, 0, 200, infinity}) == Numbers{-1, -1, 0, 1, 1});
  CHECK(activate("softrelu", {-infinity, -200, 200, infinity}) == Numbers{0, 0, 200, infinity});
  CHECK(activate("softsign", {-3, 0, 1}) == Numbers{-.75, 0, .5});
  for (const char* type : {"relu", "sigmoid", "tanh", "softrelu", "softsign"}) {
    CHECK(std::isnan(activate(type, {std::nan("")})[0]));
  }
}

TEST_CASE("Activation refuses what it does not know", "[operators][activation]") {
  require_error_matches([] { OpRunner("Activation", {}, {{2}}, DType::f32); },
                        "Activation(node): the parameter act_type");
  require_error_matches(
      [] { OpRunner("Activation", {{"act_type", "rlu"}}, {{2}}, DType::f32); },
      {"Activation(node): act_type", "'rlu' is none of its values", "Did you mean 'relu'",
       "'relu', 'sigmoid', 'softrelu', 'softsign', 'tanh'"});
}

TEST_CASE("Dropout drops in training only, and the same elements in backward",
          "[operators][random]") {
  const ParamText params{{"p", "0.8"}};
  const OpRunner runner("Dropout", params, {{40, 50}}, DType::f32);
  const HostArray ones = make_array({40, 50}, Numbers(2000, 1), DType::f32);
  RunOptions options;
  const HostArray dropped = runner.forward({ones}, options)[0];
  int kept = 0;
  for (double number : numbers_of(dropped)) {
    if (number == 0) continue;
    CHECK(number == Approx(5));
    ++kept;
  }
  CHECK(std::abs(kept - 400) < 6 * std::sqrt(2000 * .8 * .2));
  CHECK(runner.backward({ones}, {ones}, options).in_grads[0].has_same_bits(dropped));
  options.random.stream += 1;
  CHECK_FALSE(runner.forward({ones}, options)[0].has_same_bits(dropped));
  options.mode = Mode::infer;
  CHECK(runner.forward({ones}, options)[0].has_same_bits(ones));
}

TEST_CASE("Dropout's corner cases", "[operators][random]") {
  const HostArray ones = make_array({3, 4}, Numbers(12, 1), DType::f32);
  const auto dropped = [&](const ParamText& params, Mode mode) {
    RunOptions options;
    options.mode = mode;
    return numbers_of(
        OpRunner("Dropout", params, {{3, 4}}, DType::f32).forward({ones}, options)[0]);
  };
  CHECK(dropped({{"p", "0"}}, Mode::train) == Numbers(12, 1));
  // Nothing is left that could keep the mean, as in MXNet.
  for (const double number : dropped({{"p", "1"}}, Mode::train)) CHECK(std::isnan(number));
  CHECK(dropped({{"mode", "always"}}, Mode::infer) == dropped({}, Mode::train));
  const Numbers rows = dropped({{"axes", "(1,)"}}, Mode::train);
  for (int i = 0; i < 12; ++i) CHECK(rows[size_t(i)] == rows[size_t(i / 4 * 4)]);
  const Numbers columns = dropped({{"axes", "(0,)"}}, Mode::train);
  for (int i = 0; i < 12; ++i) CHECK(columns[size_t(i)] == columns[size_t(i % 4)]);
}

TEST_CASE("Dropout refuses impossible parameters", "[operators][random]") {
  require_error_matches([] { OpRunner("Dropout", {{"p", "1.5"}}, {{2}}, DType::f32); },
                        "Dropout(node): p is 1.5; between 0 and 1 is expected");
  require_error_matches(
      [] { OpRunner("Dropout", {{"axes", "(3,)"}}, {{2, 3}}, DType::f32); },
      "Dropout(node): axes is (3,), but data has shape (2, 3); axes below 2 are expected");
  require_error_matches([] { OpRunner("Dropout", {{"axes", "(-1,)"}}, {{2, 3}}, DType::f32); },
                        "axes is (-1,)");
}

TEST_CASE("numbers beside integer arrays lose their fraction", "[operators][elementwise]") {
  const Numbers x{1, 3, 100};
  CHECK(run("_plus_scalar", {{"scalar", "2.5"}}, {x}, DType::i32) == Numbers{3, 5, 102});
  CHECK(run("_mul_scalar", {{"scalar", "2.5"}}, {x}, DType::i8) == Numbers{2, 6, -56});
  CHECK(run("_div_scalar", {{"scalar", "2"}}, {x}, DType::u8) == Numbers{0, 1, 50});
  CHECK(run("_rdiv_scalar", {{"scalar", "2"}}, {x}, DType::i64) == Numbers{2, 0, 0});
  CHECK(run("_rminus_scalar", {{"scalar", "2"}}, {x}, DType::i32) == Numbers{1, -1, -98});
  CHECK(run("_div_scalar", {{"scalar", "0.5"}}, {x}, DType::i32) == Numbers{0, 0, 0});
  CHECK(run("_plus_scalar", {{"scalar", "0.1"}}, {{0.2}}, DType::f64)[0] == 0.1 + 0.2);
}

TEST_CASE("elementwise operators refuse booleans, and shapes that differ",
          "[operators][elementwise]") {
  require_error_matches([] { run("elemwise_add", {}, {{1}, {1}}, DType::boolean); },
                        "element type bool is not supported");
  require_error_matches([] { OpRunner("elemwise_add", {}, {{2, 3}, {3, 2}}, DType::f32); },
                        {"elemwise_add(node)", "(2, 3)", "(3, 2)", "rhs", "lhs"});
  require_error_matches([] { OpRunner("_plus_scalar", {{"scalar", "two"}}, {{2}}, DType::f32); },
                        {"scalar", "'two' is not a number"});
}

TEST_CASE("arrays of different types are not mixed", "[operators][elementwise]") {
  const Symbol lhs = Symbol::variable("lhs"), rhs = Symbol::variable("rhs");
  const Symbol sum = lhs + rhs;
  require_error_matches([&] { sum.infer_type({{"lhs", DType::f32}, {"rhs", DType::f64}}); },
                        {"elemwise_add", "float32", "float64"});
  CHECK(sum.infer_type({{"rhs", DType::f16}}).arguments[0] == DType::f16);
}

TEST_CASE("BlockGrad, zeros_like and ones_like pass no gradient", "[operators][elementwise]") {
  const Numbers x{1, -2};
  CHECK(run("BlockGrad", {}, {x}) == x);
  CHECK(run("zeros_like", {}, {x}) == Numbers{0, 0});
  CHECK(run("ones_like", {}, {x}) == Numbers{1, 1});
  const OpRunner runner("BlockGrad", {}, {{2}}, DType::f32);
  const HostArray array = make_array({2}, x, DType::f32);
  CHECK(numbers_of(runner.backward({array}, {array}).in_grads[0]) == Numbers{0, 0});
}

TEST_CASE("sgd_update follows its formula", "[operators][optimizer]") {
  CHECK(run("sgd_update", {{"lr", "0.5"}}, {{1, 2}, {4, -4}}) == Numbers{-1, 4});
  CHECK(run("sgd_update", {{"lr", "0.5"}, {"wd", "0.5"}}, {{4}, {1}}) == Numbers{2.5});
  CHECK(run("sgd_update", {{"lr", "1"}, {"rescale_grad", "2"}, {"clip_gradient", "3"}},
            {{0, 0, 0}, {1, 2, -2}}) == Numbers{-2, -3, 3});
  CHECK(run("sgd_update", {{"lr", "1"}, {"clip_gradient", "0"}}, {{7}, {5}}) == Numbers{7});
  require_error_matches([] { OpRunner("sgd_update", {}, {{2}}, DType::f32); }, "parameter lr");
}

TEST_CASE("sgd_mom_update keeps its momentum", "[operators][optimizer]") {
  const OpRunner runner("sgd_mom_update", {{"lr", "0.5"}, {"momentum", "0.5"}}, {{2}}, DType::f64);
  REQUIRE(runner.num_states() == 1);
  const NodeAnswer answer = run_node(
      runner.problem({make_array({2}, {1, 2}), make_array({2}, {2, -2}), make_array({2}, {4, 4})}));
  CHECK(numbers_of(answer.inputs[2]) == Numbers{1, 3});
  CHECK(numbers_of(answer.outputs[0]) == Numbers{2, 5});
}

}  // namespace treadle::testing
