// Sets of element types: which ones an operator or a functor is made for.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include "treadle/core/dtype.h"

namespace treadle {

class TypeSet {
 public:
  constexpr TypeSet(std::initializer_list<DType> types) {
    for (DType type : types) bits_ |= bit(type);
  }
  constexpr bool contains(DType type) const { return (bits_ & bit(type)) != 0; }
  friend constexpr TypeSet operator|(TypeSet a, TypeSet b) {
    a.bits_ |= b.bits_;
    return a;
  }

 private:
  static constexpr uint32_t bit(DType type) {
    return type == DType::unknown ? 0 : uint32_t(1) << int32_t(type);
  }
  uint32_t bits_ = 0;
};

// 16-bit floating types are storage: arithmetic on them happens in float.
inline constexpr TypeSet floating_types{DType::f32, DType::f64, DType::f16, DType::bf16};
inline constexpr TypeSet numeric_types =
    floating_types | TypeSet{DType::u8, DType::i8, DType::i32, DType::i64};
inline constexpr TypeSet all_types = numeric_types | TypeSet{DType::boolean};

// "float32, float64, float16".
std::string to_string(TypeSet types);

}  // namespace treadle
