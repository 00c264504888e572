// What _contrib_quantize and _contrib_dequantize share: bytes that stand for a range of numbers.
#pragma once

#include "treadle/core/error.h"
#include "treadle/operators/op.h"

namespace treadle::ops {

inline void infer_quantized_shape(ShapeInference& s) {
  s.unify(in(0), out(0));
  for (const Slot range : {in(1), in(2)})
    s.set(range, Shape{1}, [] { return std::string("a range has one lower and one upper end"); });
}

struct QuantizedRange {
  float low, high;

  // Throws Error where the ends do not enclose a range.
  static QuantizedRange read(const Tensor& low, const Tensor& high, const char* op) {
    const QuantizedRange range{*low.as<float>(), *high.as<float>()};
    if (range.low < range.high) return range;
    throw Error(op, ": the range is from ", range.low, " to ", range.high,
                "; its lower end must be below its upper end.");
  }
};

}  // namespace treadle::ops
