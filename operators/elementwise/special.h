// Special functions that the C library lacks, or has for one thread at a time only.
#pragma once

#include <cmath>
#include <limits>

#include "treadle/core/macros.h"
#include "treadle/operators/math.h"

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

// The inverse of erf: a rational approximation, mended by three steps of Halley's method.
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

// The same for float without branches: y times a polynomial, in w = -log(1 - y^2) near 0 and in its
// square root further out. Within 2 units in the last place (tests/operators/math_test.cc).
TREADLE_HD inline float erfinv_of(float y) {
  const float w = -detail::log((1.0f - y) * (1.0f + y));
  const float c = w - 1.0f;
  float near = -8.791056453e-9f;
  near = near * c + 1.419119064e-7f;
  near = near * c - 5.246966408e-7f;
  near = near * c - 4.401575631e-6f;
  near = near * c + 3.822899392e-5f;
  near = near * c + 1.002813141e-4f;
  near = near * c - 2.376442731e-3f;
  near = near * c + 4.250642884e-3f;
  near = near * c + 2.478328901e-1f;
  near = near * c + 1.127374399f;
  const float s = std::sqrt(w) - 3.140625f;
  float far = 1.220656814e-4f;
  far = far * s - 1.600305148e-4f;
  far = far * s - 3.331591441e-4f;
  far = far * s + 1.280198373e-3f;
  far = far * s - 2.404841151e-3f;
  far = far * s + 3.586972692e-3f;
  far = far * s - 5.069891103e-3f;
  far = far * s + 6.806324736e-3f;
  far = far * s + 1.003935124f;
  far = far * s + 2.974004933f;
  const float a = y < 0 ? -y : y;
  const float of_ends = a == 1.0f ? y * treadle::detail::bits_of<float>(0x7f800000)
                                  : treadle::detail::bits_of<float>(0x7fc00000);
  return a < 1.0f ? y * (w < 5.0f ? near : far) : of_ends;
}

template <class T>
TREADLE_HD inline T erfinv(T y) {
  return erfinv_of(y);
}

}  // namespace treadle::math
