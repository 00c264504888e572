// The vectorisable functions against the C library in double.
#include "treadle/operators/math.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "treadle/operators/elementwise/special.h"
#include "treadle/tests/support/catch.h"

namespace treadle {
namespace {

// The worst error of `f` in units in the last place of the exact value, over floats of every
// magnitude in [low, high].
template <class F, class Exact>
double worst_ulps(F f, Exact exact, float low, float high) {
  double worst = 0;
  for (uint64_t bits = 0; bits < (uint64_t(1) << 32); bits += 9973) {
    const float x = detail::bits_of<float>(uint32_t(bits));
    if (!(x >= low && x <= high)) continue;
    const double expected = exact(double(x));
    const float rounded = float(expected);
    const float actual = f(x);
    if (std::isinf(rounded) || std::isinf(actual)) {
      if (rounded != actual) return std::numeric_limits<double>::infinity();
      continue;
    }
    const int exponent = rounded == 0 ? -149 : std::max(-149, std::ilogb(rounded) - 23);
    worst = std::max(worst, std::abs(double(actual) - expected) / std::ldexp(1.0, exponent));
  }
  return worst;
}

constexpr float infinity = std::numeric_limits<float>::infinity();

}  // namespace

TEST_CASE("float functions are within the errors they state", "[operators][math]") {
  CHECK(worst_ulps([](float x) { return math::exp(x); }, [](double x) { return std::exp(x); }, -150,
                   150) < 2);
  CHECK(worst_ulps([](float x) { return math::tanh(x); }, [](double x) { return std::tanh(x); },
                   -50, 50) < 2);
  CHECK(worst_ulps([](float x) { return math::sigmoid(x); },
                   [](double x) { return 1 / (1 + std::exp(-x)); }, -200, 200) < 3);
  CHECK(worst_ulps([](float x) { return math::softplus(x); },
                   [](double x) { return std::log1p(std::exp(x)); }, -200, 200) < 3);
  CHECK(worst_ulps([](float x) { return math::log(x); }, [](double x) { return std::log(x); },
                   std::numeric_limits<float>::denorm_min(), 1e38f) < 2);
  CHECK(worst_ulps([](float x) { return math::erf(x); }, [](double x) { return std::erf(x); }, -20,
                   20) < 2);
}

TEST_CASE("the inverse of erf is within the error it states", "[operators][math]") {
  // The exact value near y is not at hand, but how far erf of it lies from y, over its slope, is.
  double worst = 0;
  for (uint32_t bits = 0x00800000; bits < 0x3f800000; bits += 9973) {
    const float y = detail::bits_of<float>(bits);
    const float x = math::erfinv(y);
    const long double at = x;
    const long double off = y > 0.5f ? (1.0L - y) - std::erfc(at) : std::erf(at) - y;
    const long double slope = 1.12837916709551257390L * std::exp(-at * at);
    worst = std::max(worst, std::abs(double(off / slope)) / std::ldexp(1.0, std::ilogb(x) - 23));
    REQUIRE(math::erfinv(-y) == -x);
  }
  CHECK(worst < 2);
  CHECK(math::erfinv(0.0f) == 0);
  CHECK(math::erfinv(1.0f) == infinity);
  CHECK(math::erfinv(-1.0f) == -infinity);
  CHECK(std::isnan(math::erfinv(1.5f)));
  CHECK(std::isnan(math::erfinv(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("float functions at the ends of the line", "[operators][math]") {
  CHECK(math::exp(infinity) == infinity);
  CHECK(math::exp(-infinity) == 0);
  CHECK(math::exp(0.0f) == 1);
  CHECK(math::exp(-100.0f) > 0);  // a subnormal
  CHECK(math::tanh(infinity) == 1);
  CHECK(math::tanh(-infinity) == -1);
  CHECK(math::sigmoid(infinity) == 1);
  CHECK(math::sigmoid(-infinity) == 0);
  CHECK(math::softplus(infinity) == infinity);
  CHECK(math::softplus(-infinity) == 0);
  CHECK(math::log(0.0f) == -infinity);
  CHECK(math::log(-0.0f) == -infinity);
  CHECK(math::log(infinity) == infinity);
  CHECK(std::isnan(math::log(-1.0f)));
  CHECK(std::isnan(math::log(-infinity)));
  CHECK(math::erf(infinity) == 1);
  CHECK(math::erf(-infinity) == -1);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(math::log(nan)));
  CHECK(std::isnan(math::erf(nan)));
  CHECK(std::isnan(math::exp(nan)));
  CHECK(std::isnan(math::tanh(nan)));
  CHECK(std::isnan(math::sigmoid(nan)));
  CHECK(std::isnan(math::softplus(nan)));
}

}  // namespace treadle
