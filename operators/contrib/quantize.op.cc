// _contrib_quantize: numbers of a range as bytes.
#include "treadle/operators/contrib/quantized.h"

namespace treadle::ops {
namespace {

enum class QuantizedType { uint8, int8 };
EnumNames describe(QuantizedType) { return enum_names("QuantizedType", "uint8", "int8"); }

struct Quantize : Quantization<QuantizedType> {
  static constexpr auto name = "_contrib_quantize";
  static constexpr auto doc =
      "Numbers from min_range to max_range as bytes from 0 to 255, rounded to the nearest; what "
      "lies outside becomes the nearest end. For out_type int8 bytes from -127 to 127, where 0 "
      "stays "
      "0. Gives the range too, as _contrib_dequantize takes it.";
  static constexpr auto outputs = names("output", "min_output", "max_output");

  static void infer_shape(const Params& p, ShapeInference& s) {
    Quantization::infer_shape(p, s);
    for (const Slot range : {out(1), out(2)})
      s.set(range, Shape{1}, [] { return std::string("it is an end of the range"); });
  }
  static void infer_type(const Params& p, TypeInference& t) {
    for (const Slot range : {in(1), in(2), out(1), out(2)}) t.set(range, DType::f32);
    t.set(out(0), p.out_type == QuantizedType::int8 ? DType::i8 : DType::u8);
  }

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    auto range = QuantizedRange::read(call.read(in(1)), call.read(in(2)), name);
    const CenteredRange centered(range);
    const bool is_signed = p.out_type == QuantizedType::int8;
    if (is_signed) range = {-centered.end, centered.end};
    if (call.is_wanted(out(1))) *call.write(out(1)).template as<float>() = range.low;
    if (call.is_wanted(out(2))) *call.write(out(2)).template as<float>() = range.high;
    if (!call.is_wanted(out(0))) return;
    if (is_signed) {
      const float scale = CenteredRange::steps / centered.end;
      return map<int8_t>(call, [&](auto value) {
        const float place = std::abs(float(value)) * scale + 0.5f;
        const auto size = int8_t(place >= 0 ? std::min(place, CenteredRange::steps) : 0);
        return int8_t(float(value) < 0 ? -size : size);  // NaN is 0
      });
    }
    const float scale = 255.0f / (range.high - range.low);
    map<uint8_t>(call, [&](auto value) {
      const float place = (float(value) - range.low) * scale + 0.5f;
      return uint8_t(place >= 0 ? std::min(place, 255.0f) : 0);  // NaN is 0
    });
  }
};
TREADLE_REGISTER_OP(Quantize);

}  // namespace
}  // namespace treadle::ops
