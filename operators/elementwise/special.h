// Special functions that the C library lacks, or has for one thread at a time only.
#pragma once

#include <cmath>
#include <limits>

#include "treadle/core/macros.h"

namespace treadle::math {

// log |gamma(x)|. On the host std::lgamma would also write the sign to a variable that all threads
// share.
TREADLE_HD inline double log_gamma(double x) {
#ifdef __CUDA_ARCH__
  return ::lgamma(x);
#else
  int sign = 0;
  return ::lgamma_r(x, &sign);
#endif
}
TREADLE_HD inline float log_gamma(float x) {
#ifdef __CUDA_ARCH__
  return ::lgammaf(x);
#else
  int sign = 0;
  return ::lgammaf_r(x, &sign);
#endif
}

// The logarithmic derivative of the gamma function: by its recurrence to 6 and above, where the
// asymptotic series takes over; below 0 by reflection. NaN at its poles.
template <class T>
TREADLE_HD inline T digamma(T x) {
  const T pi = T(3.141592653589793238462643);
  T reflected = 0;
  if (x <= T(0)) {
    if (x == std::floor(x)) return std::numeric_limits<T>::quiet_NaN();
    // The tangent of the fraction alone keeps its digits far from 0.
    reflected = -pi / std::tan(pi * (x - std::floor(x)));
    x = T(1) - x;
  }
  T sum = 0;
  while (x < T(6)) {
    sum -= T(1) / x;
    x += T(1);
  }
  const T s = T(1) / (x * x);
  // Bernoulli numbers B_2k / 2k, of alternating sign.
  T p = T(691.0 / 32760);
  p = T(1.0 / 132) - s * p;
  p = T(1.0 / 240) - s * p;
  p = T(1.0 / 252) - s * p;
  p = T(1.0 / 120) - s * p;
  p = T(1.0 / 12) - s * p;
  return reflected + sum + std::log(x) - T(0.5) / x - s * p;
}

// The inverse of erf: a rational approximation, mended by two steps of Halley's method in double.
// Infinite at -1 and 1, NaN beyond.
TREADLE_HD inline double erfinv_of(double y) {
  if (!(y > -1 && y < 1)) {
    if (y == 1) return std::numeric_limits<double>::infinity();
    return y == -1 ? -std::numeric_limits<double>::infinity()
                   : std::numeric_limits<double>::quiet_NaN();
  }
  if (y == 0) return y;
  // Winitzki's approximation: 2e-3 of the value.
  const double a = 0.147, pi = 3.141592653589793238462643;
  const double tail = 1 - (y < 0 ? -y : y);
  const double log = std::log(tail * (2 - tail));
  const double half = 2 / (pi * a) + log / 2;
  double x = std::sqrt(std::sqrt(half * half - log / a) - half);
  for (int step = 0; step < 3; ++step) {
    // Far out erfc has the digits that 1 - erf loses.
    const double error = x > 0.5 ? tail - std::erfc(x) : std::erf(x) - (1 - tail);
    const double slope = 1.1283791670955126 * std::exp(-x * x);
    const double newton = error / slope;
    x -= newton / (1 + x * newton);
  }
  return y < 0 ? -x : x;
}

template <class T>
TREADLE_HD inline T erfinv(T y) {
  return T(erfinv_of(double(y)));
}

}  // namespace treadle::math
