// 16-bit floating point as storage: arithmetic happens in float.
#pragma once

#include <cstdint>
#include <cstring>

#include "treadle/core/macros.h"

namespace treadle {

namespace detail {
template <class To, class From>
TREADLE_HD inline To bits_of(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  memcpy(&to, &from, sizeof(to));
  return to;
}
}  // namespace detail

// bfloat16: the upper half of a float, rounded to nearest even.
struct bf16 {
  uint16_t bits = 0;

  bf16() = default;
  TREADLE_HD bf16(float value) {  // NOLINT(google-explicit-constructor): reads like a number
    uint32_t u = detail::bits_of<uint32_t>(value);
    if ((u & 0x7fffffffu) > 0x7f800000u) {
      bits = uint16_t((u >> 16) | 0x40u);  // keep a NaN a NaN
    } else {
      bits = uint16_t((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
    }
  }
  TREADLE_HD operator float() const {  // NOLINT(google-explicit-constructor)
    return detail::bits_of<float>(uint32_t(bits) << 16);
  }
};

// IEEE binary16, rounded to nearest even.
struct f16 {
  uint16_t bits = 0;

  f16() = default;
  TREADLE_HD f16(float value) {  // NOLINT(google-explicit-constructor)
    const uint32_t u = detail::bits_of<uint32_t>(value);
    const uint32_t sign = (u >> 16) & 0x8000u;
    const uint32_t magnitude = u & 0x7fffffffu;
    if (magnitude >= 0x7f800000u) {  // infinity or NaN
      bits = uint16_t(sign | 0x7c00u | (magnitude > 0x7f800000u ? 0x200u : 0u));
    } else if (magnitude >= 0x477ff000u) {  // rounds to something above 65504
      bits = uint16_t(sign | 0x7c00u);
    } else if (magnitude < 0x38800000u) {  // subnormal: adding 0.5 lets the FPU round
      const float shifted = detail::bits_of<float>(magnitude) + 0.5f;
      bits = uint16_t(sign | (detail::bits_of<uint32_t>(shifted) - 0x3f000000u));
    } else {
      const uint32_t odd = (magnitude >> 13) & 1u;
      bits = uint16_t(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
    }
  }
  TREADLE_HD operator float() const {  // NOLINT(google-explicit-constructor)
    const uint32_t sign = uint32_t(bits & 0x8000u) << 16;
    const uint32_t rest = bits & 0x7fffu;
    if (rest >= 0x7c00u)
      return detail::bits_of<float>(sign | 0x7f800000u | ((rest & 0x3ffu) << 13));
    if (rest < 0x400u) {  // subnormal: 2^-24 units
      const float value = float(rest) * 5.9604644775390625e-8f;
      return detail::bits_of<float>(sign | detail::bits_of<uint32_t>(value));
    }
    return detail::bits_of<float>(sign | ((rest << 13) + 0x38000000u));
  }
};

}  // namespace treadle
