// Random numbers of a distribution, each a function of the run's key and its own place alone: the
// same numbers come from any number of threads, in any order.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "treadle/operators/elementwise/special.h"
#include "treadle/operators/philox.h"

namespace treadle {

// The random numbers that one element of an output may use up: a sequence of its own.
class Draws {
 public:
  Draws(RandomKey key, int64_t element) : key_(key), next_(uint64_t(element) << 24) {}

  uint32_t word() {
    if (used_ == 4) {
      block_ = philox(key_, next_++);
      used_ = 0;
    }
    return block_.word[used_++];
  }
  // Between 0 and 1, neither of them.
  double uniform() {
    const uint64_t high = word() >> 5, low = word() >> 6;
    return (double((high << 26) | low) + 0.5) * (1.0 / 9007199254740992.0);
  }
  double normal() {
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(6.283185307179586476925 * uniform());
  }

 private:
  RandomKey key_;
  uint64_t next_;
  RandomBlock block_ = {};
  int used_ = 4;
};

namespace random_detail {
// An attempt of the samplers below fails rarely; this many in a row, never, unless a parameter is
// no number. A loop without an end must not depend on that.
inline constexpr int most_attempts = 10000;
inline constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
}  // namespace random_detail

// Distributions as functors; NaN for parameters that have none.
struct UniformDistribution {
  double low, high;
  double operator()(Draws& draws) const { return low + (high - low) * draws.uniform(); }
};
struct NormalDistribution {
  double loc, scale;
  double operator()(Draws& draws) const { return loc + scale * draws.normal(); }
};
struct ExponentialDistribution {
  double lam;
  double operator()(Draws& draws) const {
    return lam > 0 ? -std::log(draws.uniform()) / lam : random_detail::not_a_number;
  }
};
// With mean alpha * beta (Marsaglia and Tsang, 2000).
struct GammaDistribution {
  double alpha, beta;
  double operator()(Draws& draws) const {
    if (!(alpha >= 0)) return random_detail::not_a_number;
    if (alpha == 0) return 0;
    // Below 1 by way of alpha + 1.
    const double boost = alpha < 1 ? std::pow(draws.uniform(), 1 / alpha) : 1;
    const double d = (alpha < 1 ? alpha + 1 : alpha) - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (int attempt = 0; attempt < random_detail::most_attempts; ++attempt) {
      const double x = draws.normal(), t = 1 + c * x;
      if (t <= 0) continue;
      const double v = t * t * t, u = draws.uniform();
      if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) return boost * d * v * beta;
    }
    return random_detail::not_a_number;
  }
};
// By multiplying for a small mean, by transformed rejection for a large one (Hörmann, 1993).
struct PoissonDistribution {
  double lam;
  double operator()(Draws& draws) const {
    if (lam == 0) return 0;
    if (!(lam > 0 && lam < 1e15)) return random_detail::not_a_number;
    if (lam < 10) {
      const double limit = std::exp(-lam);
      double product = draws.uniform();
      int count = 0;
      for (; product > limit && count < random_detail::most_attempts; ++count) {
        product *= draws.uniform();
      }
      return count;
    }
    const double log_lam = std::log(lam), b = 0.931 + 2.53 * std::sqrt(lam);
    const double a = -0.059 + 0.02483 * b, inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
    const double high = 0.9277 - 3.6224 / (b - 2);
    for (int attempt = 0; attempt < random_detail::most_attempts; ++attempt) {
      const double u = draws.uniform() - 0.5, v = draws.uniform();
      const double us = 0.5 - std::abs(u);
      const double k = std::floor((2 * a / us + b) * u + lam + 0.43);
      if (us >= 0.07 && v <= high) return k;
      if (k < 0 || (us < 0.013 && v > us)) continue;
      if (std::log(v) + std::log(inverse_alpha) - std::log(a / (us * us) + b) <=
          -lam + k * log_lam - math::log_gamma(k + 1)) {
        return k;
      }
    }
    return random_detail::not_a_number;
  }
};
// Failures before `k` successes of probability p: Poisson with a mean drawn from a gamma
// distribution.
struct NegativeBinomialDistribution {
  double k, p;
  double operator()(Draws& draws) const {
    if (!(k >= 0 && p > 0 && p <= 1)) return random_detail::not_a_number;
    return PoissonDistribution{GammaDistribution{k, (1 - p) / p}(draws)}(draws);
  }
};
// The same by its mean and its dispersion.
struct GeneralizedNegativeBinomialDistribution {
  double mu, alpha;
  double operator()(Draws& draws) const {
    if (!(alpha >= 0)) return random_detail::not_a_number;
    if (alpha == 0) return PoissonDistribution{mu}(draws);
    return PoissonDistribution{GammaDistribution{1 / alpha, alpha * mu}(draws)}(draws);
  }
};

}  // namespace treadle
