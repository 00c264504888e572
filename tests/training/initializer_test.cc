#include "treadle/training/initializer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

std::vector<float> values(const Initializer& rule, std::string_view name, const Shape& shape,
                          const Attributes& attributes = {}, uint64_t seed = 1) {
  const Array array = Array::full(shape, -77);
  rule.initialize(name, array, attributes, seed);
  return array.to_vector<float>();
}

double deviation(const std::vector<float>& x) {
  double sum = 0;
  for (const float value : x) sum += double(value) * double(value);
  return std::sqrt(sum / double(x.size()));
}

}  // namespace

TEST_CASE("the name decides which rule applies", "[training]") {
  const Uniform rule({.scale = 0.5f});
  const std::vector<float> zeros(6, 0), ones(6, 1);
  for (const char* name : {"fc1_bias", "bn_beta", "bn_moving_mean"})
    CHECK(values(rule, name, {6}) == zeros);
  for (const char* name : {"bn_gamma", "bn_moving_var"}) CHECK(values(rule, name, {6}) == ones);
  CHECK(values(rule, "fc1_weight", {6}) != zeros);
  require_error_matches([&] { values(rule, "fc1_wait", {6}); },
                        {"'fc1_wait' does not say how", "__init__"});
}

TEST_CASE("an __init__ attribute wins over the name", "[training]") {
  const Uniform rule;
  CHECK(values(rule, "fc1_weight", {3}, {{"__init__", R"(["one", {}])"}}) ==
        std::vector<float>(3, 1));
  CHECK(values(rule, "strange", {3}, {{"__init__", R"( [ "constant" , {"value": 2.5} ] )"}}) ==
        std::vector<float>(3, 2.5));
  CHECK(values(rule, "fc1_bias", {3}, {{"__init__", "ones"}}) == std::vector<float>(3, 1));
  CHECK(values(rule, "fc1_weight", {3}, {{"__init__", R"(["Zero"])"}}) == std::vector<float>(3, 0));
  const auto wide =
      values(rule, "x", {100, 100},
             {{"__init__",
               R"(["xavier", {"rnd_type": "gaussian", "factor_type": "in", "magnitude": 4}])"}});
  CHECK(deviation(wide) == Approx(std::sqrt(4.0 / 100)).epsilon(0.05));
}

TEST_CASE("values depend on seed and name, not on the order of parameters", "[training][random]") {
  const Xavier rule;
  const auto first = values(rule, "a_weight", {20, 30}), other = values(rule, "b_weight", {20, 30});
  CHECK(first != other);
  CHECK(values(rule, "a_weight", {20, 30}) == first);
  CHECK(values(rule, "a_weight", {20, 30}, {}, 2) != first);
  const Normal normal;
  CHECK(values(normal, "a_weight", {7}) == values(normal, "a_weight", {7}));
}

TEST_CASE("distributions have the sizes they promise", "[training][random]") {
  const auto uniform = values(Uniform({.scale = 0.25f}), "w_weight", {100, 100});
  CHECK(*std::ranges::max_element(uniform) < 0.25f);
  CHECK(*std::ranges::min_element(uniform) >= -0.25f);
  CHECK(deviation(uniform) == Approx(0.25 / std::sqrt(3)).epsilon(0.03));
  const double mean = std::accumulate(uniform.begin(), uniform.end(), 0.0) / double(uniform.size());
  CHECK(std::abs(mean) < 0.01);
  CHECK(deviation(values(Normal({.sigma = 0.5f}), "w_weight", {99, 101})) ==
        Approx(0.5).epsilon(0.03));

  // A convolution of 20 filters on 10 channels, 5 x 5: in 250, out 500.
  const auto limit = [](double factor) { return std::sqrt(3 / factor); };
  const auto bound = [](const std::vector<float>& x) {
    return double(std::abs(*std::ranges::max_element(x, {}, [](float v) { return std::abs(v); })));
  };
  const Shape shape = {20, 10, 5, 5};
  CHECK(bound(values(Xavier(), "w_weight", shape)) == Approx(limit(375)).epsilon(0.01));
  CHECK(bound(values(Xavier({.factor_type = Xavier::FactorType::in}), "w_weight", shape)) ==
        Approx(limit(250)).epsilon(0.01));
  CHECK(bound(values(Xavier({.factor_type = Xavier::FactorType::out}), "w_weight", shape)) ==
        Approx(limit(500)).epsilon(0.01));
}

TEST_CASE("initialisers write any floating type", "[training]") {
  const Array wide = Array::zeros({50}, DType::f64), narrow = Array::zeros({50});
  const Uniform rule;
  rule.initialize("w_weight", wide, {}, 1);
  rule.initialize("w_weight", narrow, {}, 1);
  CHECK(wide.as_type(DType::f32).to_vector<float>() == narrow.to_vector<float>());
}

TEST_CASE("what initialisers refuse, in sentences", "[training][errors]") {
  require_error_matches([] { values(Xavier(), "w_weight", {6}); },
                        {"Xavier cannot initialise 'w_weight' of shape (6,)"});
  require_error_matches([] { Initializer::parse("xaviar"); },
                        {"no initializer 'xaviar'", "Did you mean 'xavier'?"});
  require_error_matches([] { Initializer::parse(R"(["uniform", {"scael": 1}])"); },
                        {"uniform", "scael", "scale"});
  require_error_matches([] { Initializer::parse(R"(["uniform", {"scale": "big"}])"); },
                        {"uniform", "scale", "big"});
  require_error_matches([] { Initializer::parse(R"(["one", {"value": 2}])"); }, {"one", "value"});
  for (const char* text : {"", "[", "[\"one\"", "[\"one\", {]", "[\"one\", {}] x", "[1]",
                           "[\"one\\", "{\"a\": 1}", "[\"one\", {\"a\" 1}]"}) {
    INFO(text);
    require_error_matches([&] { Initializer::parse(text); },
                          {"cannot be read", "expected", "at character"});
  }
}
