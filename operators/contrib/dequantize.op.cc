// _contrib_dequantize: the numbers that bytes stand for.
#include <algorithm>

#include "treadle/operators/contrib/quantized.h"
#include "treadle/operators/dispatch.h"

namespace treadle::ops {
namespace {

enum class DequantizedType { float32 };
EnumNames describe(DequantizedType) { return enum_names("DequantizedType", "float32"); }

struct Dequantize {
  static constexpr auto name = "_contrib_dequantize";
  static constexpr auto doc =
      "Bytes as the numbers that they stand for: 0 is min_range, 255 is max_range.";
  static constexpr auto inputs = names("data", "min_range", "max_range");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  struct Params {
    DequantizedType out_type = DequantizedType::float32;
    static constexpr auto fields =
        reflect(field("out_type", &Params::out_type, "The type of the output."));
  };

  static void infer_shape(const Params&, ShapeInference& s) { infer_quantized_shape(s); }
  static void infer_type(const Params&, TypeInference& t) {
    for (const Slot slot : {in(1), in(2), out(0)}) t.set(slot, DType::f32);
  }

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const auto range = QuantizedRange::read(call.read(in(1)), call.read(in(2)), name);
    const Tensor data = call.read(in(0));
    const float scale = (range.high - range.low) / 255.0f;
    float* const to = call.write(out(0)).template as<float>();
    with_type(data.type(), [&](auto zero) {
      const auto* const from = data.as<decltype(zero)>();
      std::transform(from, from + data.elements(), to,
                     [&](auto value) { return float(value) * scale + range.low; });
    });
  }
};
TREADLE_REGISTER_OP(Dequantize);

}  // namespace
}  // namespace treadle::ops
