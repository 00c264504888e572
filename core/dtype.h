// Element types of arrays. The values are the type flags of the files MXNet writes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string_view>

#include "treadle/core/half.h"

namespace treadle {

enum class DType : int32_t {
  unknown = -1,  // in type inference: not known yet
  f32 = 0,
  f64 = 1,
  f16 = 2,
  u8 = 3,
  i32 = 4,
  i8 = 5,
  i64 = 6,
  boolean = 7,
  bf16 = 12,
};

// Bytes of one element; 0 for `unknown`.
size_t size_of(DType type);
bool is_floating(DType type);
// True when `flag` is one of the values above, `unknown` excluded.
bool is_type_flag(int32_t flag);

// numpy's names: "float32", "bool", ...; "unknown".
std::string_view to_string(DType type);
// Inverse of to_string; throws Error, a clause with the legal names.
DType dtype_from_name(std::string_view name);
std::ostream& operator<<(std::ostream& out, DType type);

template <class T>
inline constexpr DType dtype_of = DType::unknown;
template <>
inline constexpr DType dtype_of<float> = DType::f32;
template <>
inline constexpr DType dtype_of<double> = DType::f64;
template <>
inline constexpr DType dtype_of<f16> = DType::f16;
template <>
inline constexpr DType dtype_of<bf16> = DType::bf16;
template <>
inline constexpr DType dtype_of<uint8_t> = DType::u8;
template <>
inline constexpr DType dtype_of<int8_t> = DType::i8;
template <>
inline constexpr DType dtype_of<int32_t> = DType::i32;
template <>
inline constexpr DType dtype_of<int64_t> = DType::i64;
template <>
inline constexpr DType dtype_of<bool> = DType::boolean;

}  // namespace treadle
