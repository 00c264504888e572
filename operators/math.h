// Functions of one number for kernels, written without branches so that the compiler turns a loop
// over them into vector instructions. In float they are within 2 units in the last place of the
// exact value, 4 for softplus (tests/operators/math_test.cc measures it); in double they are the C
// library's.
#pragma once

#include <cmath>
#include <cstdint>
#include <type_traits>

#include "treadle/core/half.h"
#include "treadle/core/macros.h"

namespace treadle::math {

namespace detail {

// 2^n for n in [-126, 127].
TREADLE_HD inline float power_of_two(int32_t n) {
  return treadle::detail::bits_of<float>((n + 127) << 23);
}

// e^x = 2^n * e^r with |r| <= ln(2) / 2; the polynomial is Cephes' for e^r.
TREADLE_HD inline float exp(float x) {
  // Beyond these the result is 0 or infinity already; NaN passes.
  x = x < -104.0f ? -104.0f : x;
  x = x > 89.0f ? 89.0f : x;
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits, without a conversion.
  const float magic = 12582912.0f;
  const float shifted = x * 1.44269504f + magic;
  const int32_t n =
      treadle::detail::bits_of<int32_t>(shifted) - treadle::detail::bits_of<int32_t>(magic);
  const float whole = shifted - magic;
  const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float e = (p * r) * r + r + 1.0f;
  // Two factors, so that subnormal results and infinity come out right. NaN leaves n arbitrary.
  const int32_t bounded = n < -160 ? -160 : n > 160 ? 160 : n;
  const int32_t half = bounded >> 1;
  return e * power_of_two(half) * power_of_two(bounded - half);
}

// log(1 + y) for y in [0, 1]: 2 atanh(y / (2 + y)) as a series in the square of that quotient.
TREADLE_HD inline float log1p_unit(float y) {
  const float s = y / (2.0f + y);
  const float t = s * s;
  float p = 1.0f / 15;
  p = p * t + 1.0f / 13;
  p = p * t + 1.0f / 11;
  p = p * t + 1.0f / 9;
  p = p * t + 1.0f / 7;
  p = p * t + 1.0f / 5;
  p = p * t + 1.0f / 3;
  return 2 * s + 2 * s * (t * p);
}

// Cephes' polynomial around 1, for the fraction of x between sqrt(1/2) and sqrt(2). The cases are
// told by arithmetic on the bits: conditions that depend on each other would become branches.
TREADLE_HD inline float log(float x) {
  const uint32_t smallest_normal = 0x00800000, sqrt_half = 0x3f3504f3, one = 0x3f800000;
  const uint32_t raw = treadle::detail::bits_of<uint32_t>(x);
  const int32_t is_subnormal = int32_t((raw - smallest_normal) >> 31);  // where x > 0
  const float scaled = x * treadle::detail::bits_of<float>((127 + 23 * is_subnormal) << 23);
  const uint32_t bits = treadle::detail::bits_of<uint32_t>(scaled) + (one - sqrt_half);
  const float m = treadle::detail::bits_of<float>((bits & 0x007fffff) + sqrt_half);
  const float e = float(int32_t(bits >> 23) - 127 - 23 * is_subnormal);
  const float t = m - 1.0f, z = t * t;
  float p = 7.0376836292e-2f;
  p = p * t - 1.1514610310e-1f;
  p = p * t + 1.1676998740e-1f;
  p = p * t - 1.2420140846e-1f;
  p = p * t + 1.4249322787e-1f;
  p = p * t - 1.6668057665e-1f;
  p = p * t + 2.0000714765e-1f;
  p = p * t - 2.4999993993e-1f;
  p = p * t + 3.3333331174e-1f;
  const float y = (t * z) * p + e * -2.12194440e-4f - 0.5f * z;
  const float made = t + y + e * 0.693359375f;
  const float infinity = treadle::detail::bits_of<float>(0x7f800000);
  const float of_positive = x < infinity ? made : x;
  const float of_others = x == 0 ? -infinity : treadle::detail::bits_of<float>(0x7fc00000);
  return x > 0 ? of_positive : of_others;
}

// Cephes' polynomials: of x^2 below 1, and of 1 / x^2 for what is missing to 1 above.
TREADLE_HD inline float erf(float x) {
  const float a = x < 0 ? -x : x;
  const float z = x * x;
  float p = 7.853861353153693e-5f;
  p = p * z - 8.010193625184903e-4f;
  p = p * z + 5.188327685732524e-3f;
  p = p * z - 2.685381193529856e-2f;
  p = p * z + 1.128358514861418e-1f;
  p = p * z - 3.761262582423300e-1f;
  p = p * z + 0.128379165726710f;
  const float near = x + x * p;
  const float bounded = a < 1.0f ? 1.0f : a > 10.0f ? 10.0f : a;
  const float q = 1.0f / bounded, y = q * q;
  float low = 2.326819970068386e-2f;
  low = low * y - 1.387039388740657e-1f;
  low = low * y + 3.687424674597105e-1f;
  low = low * y - 5.824733027278666e-1f;
  low = low * y + 6.210004621745983e-1f;
  low = low * y - 4.944515323274145e-1f;
  low = low * y + 3.404879937665872e-1f;
  low = low * y - 2.741127028184656e-1f;
  low = low * y + 5.638259427386472e-1f;
  float high = -1.047766399936249e+1f;
  high = high * y + 1.297719955372516e+1f;
  high = high * y - 7.495518717768503f;
  high = high * y + 2.921019019210786f;
  high = high * y - 1.015265279202700f;
  high = high * y + 4.218463358204948e-1f;
  high = high * y - 2.820767439740514e-1f;
  high = high * y + 5.641895067754075e-1f;
  const float far = 1.0f - exp(-bounded * bounded) * q * (bounded < 2.0f ? low : high);
  return !(a >= 1.0f) ? near : x < 0 ? -far : far;
}

TREADLE_HD inline float tanh(float x) {
  const float a = x < 0 ? -x : x;
  // Near 0 the quotient below would lose digits; the polynomial is Cephes'.
  const float t = x * x;
  float p = -5.70498872745e-3f;
  p = p * t + 2.06390887954e-2f;
  p = p * t - 5.37397155531e-2f;
  p = p * t + 1.33314422036e-1f;
  p = p * t - 3.33332819422e-1f;
  const float near = x + x * (t * p);
  const float far = 1.0f - 2.0f / (exp(2 * a) + 1.0f);
  return a < 0.625f ? near : x < 0 ? -far : far;
}

// 1 / (1 + e^-x) without overflow on either side.
TREADLE_HD inline float sigmoid(float x) {
  const float e = exp(x < 0 ? x : -x);
  return (x < 0 ? e : 1.0f) / (1.0f + e);
}

}  // namespace detail

template <class T>
TREADLE_HD inline T exp(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::exp(x);
  } else {
    return std::exp(x);
  }
}

template <class T>
TREADLE_HD inline T log(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::log(x);
  } else {
    return std::log(x);
  }
}

template <class T>
TREADLE_HD inline T erf(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::erf(x);
  } else {
    return std::erf(x);
  }
}

template <class T>
TREADLE_HD inline T tanh(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::tanh(x);
  } else {
    return std::tanh(x);
  }
}

template <class T>
TREADLE_HD inline T sigmoid(T x) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::sigmoid(x);
  } else {
    const T e = std::exp(x < T(0) ? x : -x);
    return (x < T(0) ? e : T(1)) / (T(1) + e);
  }
}

// log(1 + e^x).
template <class T>
TREADLE_HD inline T softplus(T x) {
  const T e = math::exp(x < T(0) ? x : -x);
  const T positive = x < T(0) ? T(0) : x;
  if constexpr (std::is_same_v<T, float>) {
    return positive + detail::log1p_unit(e);
  } else {
    return positive + std::log1p(e);
  }
}

}  // namespace treadle::math
