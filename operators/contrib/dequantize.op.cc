// _contrib_dequantize: the numbers that bytes stand for.
#include "treadle/operators/contrib/quantized.h"

namespace treadle::ops {
namespace {

enum class DequantizedType { float32 };
EnumNames describe(DequantizedType) { return enum_names("DequantizedType", "float32"); }

struct Dequantize : Quantization<DequantizedType> {
  static constexpr auto name = "_contrib_dequantize";
  static constexpr auto doc =
      "Bytes as the numbers that they stand for: 0 is min_range, 255 is max_range; for int8 -127 "
      "and "
      "127 are the larger of the two ends, and 0 is 0.";

  static void infer_type(const Params&, TypeInference& t) {
    for (const Slot slot : {in(1), in(2), out(0)}) t.set(slot, DType::f32);
  }

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const auto range = QuantizedRange::read(call.read(in(1)), call.read(in(2)), name);
    if (call.read(in(0)).type() == DType::i8) {
      const float step = CenteredRange(range).end / CenteredRange::steps;
      return map<float>(call, [&](auto value) { return float(value) * step; });
    }
    const float scale = (range.high - range.low) / 255.0f;
    map<float>(call, [&](auto value) { return float(value) * scale + range.low; });
  }
};
TREADLE_REGISTER_OP(Dequantize);

}  // namespace
}  // namespace treadle::ops
