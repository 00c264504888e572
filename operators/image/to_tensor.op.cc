// _image_to_tensor: images as networks take them: channels first, numbers from 0 to 1.
#include "treadle/operators/dispatch.h"
#include "treadle/operators/nn/computed.h"

namespace treadle::ops {
namespace {

struct ImageToTensor {
  static constexpr auto name = "_image_to_tensor";
  static constexpr auto doc =
      "Images (y, x, channel) or (batch, y, x, channel) of numbers from 0 to 255 as float32 from 0 "
      "to 1, their channels before y and x.";
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int n = data.ndim();
    if (n != 3 && n != 4) {
      s.fail(concat("data has shape ", data,
                    "; (y, x, channel) or (batch, y, x, channel) is expected."));
    }
    Shape made = data;
    made[n - 3] = data[n - 1];
    made[n - 2] = data[n - 3];
    made[n - 1] = data[n - 2];
    s.set(out(0), made, [&] { return concat("data is ", data); });
  }
  static void infer_type(const NoParams&, TypeInference& t) { t.set(out(0), DType::f32); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Tensor data = call.read(in(0));
    const int n = data.shape().ndim();
    const int64_t channels = data.shape()[n - 1];
    const int64_t pixels = data.shape().elements(n - 3, n - 1);
    float* const made = call.write(out(0)).template as<float>();
    with_type(data.type(), [&](auto zero) {
      const auto* const from = data.as<decltype(zero)>();
      for_each(call.pool(), n == 4 ? data.shape()[0] : 1, channels * pixels, [&](int64_t image) {
        const int64_t first = image * channels * pixels;
        for (int64_t i = 0; i < pixels; ++i) {
          for (int64_t c = 0; c < channels; ++c) {
            made[first + c * pixels + i] = float(from[first + i * channels + c]) / 255.0f;
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(ImageToTensor);

}  // namespace
}  // namespace treadle::ops
