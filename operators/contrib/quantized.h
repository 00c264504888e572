// What _contrib_quantize and _contrib_dequantize share: bytes that stand for a range of numbers.
#pragma once

#include <algorithm>
#include <cmath>

#include "treadle/core/error.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/op.h"

namespace treadle::ops {

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

// The numbers that bytes with a sign stand for: their range is widened until 0 lies in its middle.
struct CenteredRange {
  static constexpr float steps = 127;  // on either side of 0
  float end;

  explicit CenteredRange(const QuantizedRange& range)
      : end(std::max(std::abs(range.low), std::abs(range.high))) {}
};

// Data and its range in; F is an enum of the types that may come out.
template <class F>
struct Quantization {
  static constexpr auto inputs = names("data", "min_range", "max_range");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  struct Params {
    F out_type = F(0);
    static constexpr auto fields =
        reflect(field("out_type", &Params::out_type, "The type of the output."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    for (const Slot range : {in(1), in(2)})
      s.set(range, Shape{1}, [] { return std::string("a range has one lower and one upper end"); });
  }

  // Output 0 = f(each element of data), of type T.
  template <class T, DeviceKind D, class Function>
  static void map(Call<D>& call, const Function& f) {
    const Tensor data = call.read(in(0));
    T* const to = call.write(out(0)).template as<T>();
    with_type(data.type(), [&](auto zero) {
      const auto* const from = data.as<decltype(zero)>();
      std::transform(from, from + data.elements(), to, f);
    });
  }
};

}  // namespace treadle::ops
