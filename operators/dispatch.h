// From element types known at run time to C++ types, for kernels that are no shared loop.
#pragma once

#include "treadle/core/dtype.h"
#include "treadle/core/error.h"

namespace treadle {

// Calls body(T()) with the stored type T.
template <class Body>
decltype(auto) with_type(DType type, const Body& body) {
  switch (type) {
    case DType::f32: return body(float());
    case DType::f64: return body(double());
    case DType::f16: return body(f16());
    case DType::bf16: return body(bf16());
    case DType::u8: return body(uint8_t());
    case DType::i8: return body(int8_t());
    case DType::i32: return body(int32_t());
    case DType::i64: return body(int64_t());
    case DType::boolean: return body(bool());
    default: break;
  }
  TREADLE_INVARIANT(false, "an element type is expected, not ", type);
}

// Calls body(U()) with an unsigned type of as many bytes: for moving elements about unread.
template <class Body>
decltype(auto) with_size(size_t size, const Body& body) {
  switch (size) {
    case 1: return body(uint8_t());
    case 2: return body(uint16_t());
    case 4: return body(uint32_t());
    case 8: return body(uint64_t());
    default: break;
  }
  TREADLE_INVARIANT(false, "elements of ", size, " bytes do not exist");
}

}  // namespace treadle
