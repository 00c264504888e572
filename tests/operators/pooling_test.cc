#include "treadle/graph/symbol.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol layer(const ParamText& params) {
  return compose("Pooling", params, std::vector{Symbol::variable("data")}, {}, "pool1");
}
Shape pooled(const ParamText& params, const Shape& data) {
  return layer(params).infer_shape({{"data", data}}).outputs[0];
}

struct Answer {
  std::vector<double> out, grad;
};
// Of a row of data, with head gradients 1, 2, 3, ….
Answer pool_row(const ParamText& params, const std::vector<double>& data, DType type = DType::f32) {
  const Shape shape{1, 1, int64_t(data.size())};
  const OpRunner runner("Pooling", params, {shape}, type);
  HostArray head(runner.output_spec(0));
  for (int64_t i = 0; i < head.elements(); ++i) head.set(i, double(i + 1));
  const auto made = runner.backward({make_array(shape, data, type)}, {head});
  return {numbers_of(made.outputs[0]), numbers_of(made.in_grads[0])};
}

void require_close(const std::vector<double>& actual, const std::vector<double>& expected) {
  REQUIRE(actual.size() == expected.size());
  for (size_t i = 0; i < expected.size(); ++i)
    REQUIRE(actual[i] == Approx(expected[i]).margin(1e-5));
}

const std::vector<double> row = {-3, 0, 0, 2, 5, 5, 1};

}  // namespace

// The numbers of this file are MXNet 1.9.1's.
TEST_CASE("lp pooling takes no absolute value", "[operators]") {
  const auto lp = [](const char* power) {
    return pool_row({{"kernel", "(2,)"}, {"pool_type", "lp"}, {"p_value", power}}, row);
  };
  const Answer one = lp("1"), two = lp("2"), three = lp("3");
  require_close(one.out, {-3, 0, 2, 7, 10, 6});
  require_close(one.grad, {1, 3, 5, 7, 9, 11, 6});
  require_close(two.out, {3, 0, 2, 5.38516, 7.07107, 5.09902});
  require_close(two.grad, {-1, 0, 0, 4.48556, 7.24944, 9.41902, 1.17670});
  require_close(three.out, {-3, 0, 2, 5.10447, 6.29961, 5.01330});
  require_close(three.grad, {1, 0, 0, 3.61407, 6.98775, 9.11801, 0.23873});
}

TEST_CASE("of equal maxima the first has the gradient", "[operators]") {
  for (DType type : {DType::f32, DType::f64, DType::f16}) {
    const Answer made = pool_row({{"kernel", "(2,)"}}, row, type);
    REQUIRE(made.out == std::vector<double>{0, 0, 2, 5, 5, 5});
    REQUIRE(made.grad == std::vector<double>{0, 3, 0, 3, 9, 6, 0});
  }
}

TEST_CASE("an average counts the padding, or not, but nothing past it", "[operators]") {
  ParamText params = {{"kernel", "(3,)"},
                      {"stride", "(3,)"},
                      {"pad", "(1,)"},
                      {"pool_type", "avg"},
                      {"pooling_convention", "full"}};
  const Answer with = pool_row(params, row);
  require_close(with.out, {-1, 2.33333, 2});
  require_close(with.grad, {0.33333, 0.33333, 0.66667, 0.66667, 0.66667, 1, 1});
  params["count_include_pad"] = "False";
  const Answer without = pool_row(params, row);
  require_close(without.out, {-1.5, 2.33333, 3});
  require_close(without.grad, {0.5, 0.5, 0.66667, 0.66667, 0.66667, 1.5, 1.5});
}

TEST_CASE("a global window ignores kernel, stride and pad", "[operators]") {
  const Answer made = pool_row({{"global_pool", "True"},
                                {"pool_type", "sum"},
                                {"pad", "(2,)"},
                                {"kernel", "(2,)"},
                                {"stride", "(2,)"}},
                               row);
  require_close(made.out, {10});
  require_close(made.grad, {1, 1, 1, 1, 1, 1, 1});
}

TEST_CASE("a window in the padding alone has no maximum and no gradient", "[operators]") {
  const Answer made = pool_row({{"kernel", "(2,)"}, {"stride", "(2,)"}, {"pad", "(2,)"}}, row);
  REQUIRE(made.out[0] == -double(std::numeric_limits<float>::max()));
  REQUIRE(std::vector(made.out.begin() + 1, made.out.end()) == std::vector<double>{0, 2, 5, 1});
  REQUIRE(made.grad == std::vector<double>{0, 2, 0, 3, 4, 0, 5});
}

TEST_CASE("Pooling infers its shape by every convention and layout", "[operators]") {
  const auto with = [](const char* convention, const char* pad) {
    return ParamText{{"kernel", "(3, 2)"},
                     {"stride", "(2, 3)"},
                     {"pad", pad},
                     {"pooling_convention", convention}};
  };
  REQUIRE(pooled(with("valid", "(0, 0)"), {1, 2, 6, 7}) == Shape{1, 2, 2, 2});
  REQUIRE(pooled(with("full", "(0, 0)"), {1, 2, 6, 7}) == Shape{1, 2, 3, 3});
  REQUIRE(pooled(with("full", "(1, 0)"), {1, 2, 6, 7}) == Shape{1, 2, 4, 3});
  REQUIRE(pooled(with("same", "(0, 0)"), {1, 2, 6, 7}) == Shape{1, 2, 3, 3});
  REQUIRE(pooled({{"kernel", "(2, 2)"}, {"layout", "NHWC"}}, {1, 7, 7, 2}) == Shape{1, 6, 6, 2});
  REQUIRE(pooled({{"global_pool", "True"}, {"layout", "NHWC"}}, {1, 7, 7, 2}) == Shape{1, 1, 1, 2});
  REQUIRE(pooled({{"global_pool", "True"}}, {1, 7, 7, 2, 5}) == Shape{1, 7, 1, 1, 1});

  const Symbol sum = layer({{"kernel", "(2, 2)"}}) + Symbol::variable("other");
  const InferredShapes made = sum.infer_shape({{"data", {0, 0, 3, 3}}, {"other", {4, 5, 2, 2}}});
  REQUIRE(made.arguments[0] == Shape{4, 5, 3, 3});
}

TEST_CASE("Pooling says what is wrong", "[operators]") {
  require_error_matches([] { layer({{"kernel", "(0, 2)"}}); }, {"Pooling(pool1)", "kernel", "0"});
  require_error_matches([] { layer({{"kernel", "(2, 2)"}, {"stride", "(0, 1)"}}); },
                        {"stride", "0"});
  require_error_matches([] { layer({{"kernel", "(2, 2)"}, {"pad", "(0, -1)"}}); }, {"pad", "-1"});
  require_error_matches([] { layer({{"kernel", "(2, 2)"}, {"pool_type", "mean"}}); },
                        {"pool_type", "'max', 'avg', 'sum', 'lp'"});
  require_error_matches([] { pooled({}, {1, 2, 5, 5}); },
                        "kernel is (), expected 1, 2 or 3 extents");
  require_error_matches([] { pooled({{"kernel", "(2, 2)"}, {"stride", "(1,)"}}, {1, 2, 5, 5}); },
                        "stride is (1,), expected 2 extents like kernel (2, 2), or none.");
  require_error_matches(
      [] { pooled({{"kernel", "(9, 9)"}}, {1, 2, 5, 5}); },
      {"Pooling(pool1): kernel (9, 9) covers 9 elements of axis 2", "5 with padding"});
  require_error_matches([] { pooled({{"kernel", "(2, 2)"}}, {1, 5, 5}); },
                        "data has shape (1, 5, 5), expected 4 axes (batch, channel and 2 spatial): "
                        "kernel is (2, 2).");
  require_error_matches([] { pooled({{"global_pool", "True"}}, {5, 5}); },
                        "data has shape (5, 5), expected 3 to 5 axes");
  require_error_matches([] { pooled({{"kernel", "(2, 2)"}, {"pool_type", "lp"}}, {1, 2, 5, 5}); },
                        "pool_type is lp and p_value is None, expected 1, 2 or 3.");
  require_error_matches(
      [] { pooled({{"kernel", "(2, 2)"}, {"pool_type", "lp"}, {"p_value", "4"}}, {1, 2, 5, 5}); },
      "pool_type is lp and p_value is 4, expected 1, 2 or 3.");
  require_error_matches(
      [] {
        pooled({{"kernel", "(2, 2)"}, {"pad", "(1, 0)"}, {"pooling_convention", "same"}},
               {1, 2, 5, 5});
      },
      "pad is (1, 0), but pooling_convention same takes none.");
  require_error_matches([] { pooled({{"kernel", "(2, 2)"}, {"layout", "NCW"}}, {1, 2, 5, 5}); },
                        "layout is NCW, which has 1 spatial axis, but kernel is (2, 2).");
}

}  // namespace treadle::testing
