// Random numbers: their moments, that they depend on the key alone, and what is refused.
#include <cmath>
#include <limits>

#include "treadle/operators/random/distributions.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

struct Moments {
  double mean = 0, deviation = 0;
};

Moments moments(const std::vector<double>& numbers) {
  Moments made;
  for (double x : numbers) made.mean += x / double(numbers.size());
  for (double x : numbers) made.deviation += (x - made.mean) * (x - made.mean);
  made.deviation = std::sqrt(made.deviation / double(numbers.size()));
  return made;
}

constexpr int64_t count = 40000;

std::vector<double> draw(const std::string& op, ParamText params, RunOptions options = {}) {
  params["shape"] = "(40000,)";
  return numbers_of(OpRunner(op, params, {}, DType::f32).forward({}, options)[0]);
}

void check_moments(const std::string& op, const ParamText& params, double mean, double deviation) {
  const std::vector<double> numbers = draw(op, params);
  const Moments found = moments(numbers);
  INFO(op << ": mean " << found.mean << ", deviation " << found.deviation);
  CHECK(std::abs(found.mean - mean) < 5 * deviation / std::sqrt(double(count)));
  CHECK(found.deviation == Approx(deviation).epsilon(0.04));
}

}  // namespace

TEST_CASE("random numbers have the moments of their distribution", "[operators][random]") {
  check_moments("_random_uniform", {{"low", "-1"}, {"high", "3"}}, 1, 4 / std::sqrt(12.0));
  check_moments("_random_normal", {{"loc", "2"}, {"scale", "3"}}, 2, 3);
  check_moments("_random_exponential", {{"lam", "4"}}, 0.25, 0.25);
  check_moments("_random_gamma", {{"alpha", "3"}, {"beta", "2"}}, 6, 2 * std::sqrt(3.0));
  check_moments("_random_gamma", {{"alpha", "0.5"}, {"beta", "2"}}, 1, std::sqrt(2.0));
  check_moments("_random_poisson", {{"lam", "3"}}, 3, std::sqrt(3.0));
  check_moments("_random_poisson", {{"lam", "100"}}, 100, 10);
  check_moments("_random_negative_binomial", {{"k", "5"}, {"p", "0.5"}}, 5, std::sqrt(10.0));
  check_moments("_random_generalized_negative_binomial", {{"mu", "4"}, {"alpha", "0.5"}}, 4,
                std::sqrt(4 + 0.5 * 16));
  check_moments("_random_generalized_negative_binomial", {{"mu", "4"}, {"alpha", "0"}}, 4, 2);
  check_moments("_random_randint", {{"low", "-3"}, {"high", "4"}}, 0, 2);
}

TEST_CASE("random numbers are a function of their key", "[operators][random]") {
  for (const char* op : {"_random_uniform", "_random_normal", "_random_gamma", "_random_poisson"}) {
    RunOptions other;
    other.random.stream += 1;
    CHECK(draw(op, {}) == draw(op, {}));
    CHECK_FALSE(draw(op, {}) == draw(op, {}, other));
  }
}

TEST_CASE("whole numbers stay in their range, however wide", "[operators][random]") {
  for (double number : draw("_random_randint", {{"low", "5"}, {"high", "6"}})) REQUIRE(number == 5);
  const ParamText all{
      {"low", "-9223372036854775808"}, {"high", "9223372036854775807"}, {"dtype", "int64"}};
  const Moments found = moments(draw("_random_randint", all));
  CHECK(std::abs(found.mean) < 5 * 5.33e18 / std::sqrt(double(count)));
  CHECK(found.deviation == Approx(5.325e18).epsilon(0.04));
}

TEST_CASE("parameters without a distribution give no number, and end", "[operators][random]") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (double bad : {nan, -1.0, -infinity}) {
    Draws draws({1, 2}, 3);
    CHECK(std::isnan(GammaDistribution{bad, 1}(draws)));
    CHECK(std::isnan(PoissonDistribution{bad}(draws)));
    CHECK(std::isnan(ExponentialDistribution{bad}(draws)));
    CHECK(std::isnan(NegativeBinomialDistribution{bad, 0.5}(draws)));
    CHECK(std::isnan(NegativeBinomialDistribution{2, bad}(draws)));
    CHECK(std::isnan(GeneralizedNegativeBinomialDistribution{2, bad}(draws)));
  }
  Draws draws({1, 2}, 3);
  CHECK(std::isnan(PoissonDistribution{infinity}(draws)));
  CHECK(std::isnan(GammaDistribution{infinity, 1}(draws)));
  CHECK(PoissonDistribution{0}(draws) == 0);
  CHECK(GammaDistribution{2, 0}(draws) == 0);
  CHECK(GammaDistribution{0, 1}(draws) == 0);
}

TEST_CASE("a shuffle keeps every slice once", "[operators][random]") {
  std::vector<double> numbers;
  for (int i = 0; i < 40; ++i) numbers.push_back(i);
  const OpRunner runner("_shuffle", {}, {{20, 2}}, DType::f32);
  const auto shuffled = numbers_of(runner.forward({make_array({20, 2}, numbers, DType::f32)})[0]);
  CHECK_FALSE(shuffled == numbers);
  std::vector<int> seen(20);
  for (size_t i = 0; i < 20; ++i) {
    CHECK(shuffled[2 * i + 1] == shuffled[2 * i] + 1);
    ++seen[size_t(shuffled[2 * i]) / 2];
  }
  CHECK(seen == std::vector<int>(20, 1));
}

TEST_CASE("classes are drawn as often as they are likely", "[operators][random]") {
  const OpRunner runner("_sample_multinomial", {{"shape", "(40000,)"}}, {{4}}, DType::f32);
  std::vector<int> seen(4);
  const HostArray likely = make_array({4}, {0.1, 0, 0.6, 0.3}, DType::f32);
  for (double c : numbers_of(runner.forward({likely})[0])) ++seen[size_t(c)];
  CHECK(seen[0] == Approx(4000).epsilon(0.1));
  CHECK(seen[1] == 0);
  CHECK(seen[2] == Approx(24000).epsilon(0.1));
  // Numbers that are no probabilities still give a class.
  const HostArray wild = make_array({4}, {-1, std::nan(""), 0, -3}, DType::f32);
  for (double c : numbers_of(runner.forward({wild})[0])) REQUIRE(c == 0);
}

TEST_CASE("samplers refuse parameters out of range", "[operators][random]") {
  const auto refused = [](std::string_view op, const ParamText& params,
                          const std::vector<Shape>& inputs, const char* words) {
    require_error_matches(
        [&] {
          const OpRunner runner(op, params, inputs, DType::f32);
          std::vector<HostArray> arrays;
          for (int i = 0; i < int(runner.input_names().size()); ++i) {
            arrays.emplace_back(runner.input_spec(i));
            arrays.back().fill(1);
          }
          runner.forward(arrays);
        },
        {std::string(op), words});
  };
  refused("_random_gamma", {{"alpha", "0"}}, {}, "alpha");
  refused("_random_exponential", {{"lam", "-1"}}, {}, "lam");
  refused("_random_poisson", {{"lam", "-1"}}, {}, "lam");
  refused("_random_negative_binomial", {{"p", "2"}}, {}, "p");
  refused("_random_negative_binomial", {{"k", "0"}}, {}, "k");
  refused("_random_normal", {{"scale", "-1"}, {"shape", "(2,)"}}, {}, "scale is -1; at least 0");
  refused("_random_normal", {{"dtype", "int32"}, {"shape", "(2,)"}}, {}, "floating type");
  refused("_random_randint", {{"low", "3"}, {"high", "3"}}, {}, "a higher one is expected");
  refused("_random_randint", {{"low", "0"}, {"high", "5000000000"}, {"shape", "(2,)"}}, {},
          "dtype int64 is expected");
  refused("_sample_unique_zipfian", {{"range_max", "5"}}, {}, "rows and classes in each");
  refused("_sample_unique_zipfian", {{"range_max", "5"}, {"shape", "(1, 6)"}}, {},
          "only 5 different classes");
  refused("_sample_unique_zipfian", {{"range_max", "0"}, {"shape", "(1, 1)"}}, {}, "range_max");
  refused("_sample_multinomial", {{"dtype", "uint8"}}, {{2, 257}},
          "there are 257 classes; uint8 numbers 256 of them at most");
  refused("_sample_multinomial", {{"dtype", "float16"}}, {{2049}}, "float16 numbers 2048");
  refused("_sample_normal", {}, {{3}, {4}}, "has shape");
  refused("_random_pdf_normal", {}, {{2, 3}, {3}, {3}}, "the first ones of sample");
  refused("_random_pdf_dirichlet", {}, {{2, 3}, {4}}, "equal last axes are expected");
}

}  // namespace treadle::testing
