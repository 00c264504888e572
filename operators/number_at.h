// One number of an array whose element type is known only when it runs: for lengths and other
// small inputs, outside inner loops.
#pragma once

#include "treadle/core/error.h"
#include "treadle/operators/call.h"

namespace treadle {

inline double number_at(const Tensor& array, int64_t i) {
  switch (array.type()) {
    case DType::f32: return double(array.as<float>()[i]);
    case DType::f64: return array.as<double>()[i];
    case DType::f16: return double(float(array.as<f16>()[i]));
    case DType::bf16: return double(float(array.as<bf16>()[i]));
    case DType::u8: return double(array.as<uint8_t>()[i]);
    case DType::i8: return double(array.as<int8_t>()[i]);
    case DType::i32: return double(array.as<int32_t>()[i]);
    case DType::i64: return double(array.as<int64_t>()[i]);
    case DType::boolean: return double(array.as<bool>()[i]);
    default: TREADLE_INVARIANT(false, "an array of no known type is read");
  }
}

}  // namespace treadle
