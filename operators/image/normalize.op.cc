// _image_normalize: the channels of images brought to a mean and a deviation.
#include <vector>

#include "treadle/operators/nn/computed.h"

namespace treadle::ops {
namespace {

struct ImageNormalize {
  static constexpr auto name = "_image_normalize";
  static constexpr auto doc =
      "(data - mean) / std for each channel of images (channel, y, x) or (batch, channel, y, x).";
  static constexpr auto inputs = names("data");

  struct Params {
    std::vector<double> mean{0};
    std::vector<double> std{1};
    static constexpr auto fields =
        reflect(field("mean", &Params::mean, "One number per channel, or one for all."),
                field("std", &Params::std, "One number per channel, or one for all."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 3 && data.ndim() != 4) {
      s.fail(concat("data has shape ", data,
                    "; (channel, y, x) or (batch, channel, y, x) is expected."));
    }
    const int64_t channels = data[data.ndim() - 3];
    if (channels != 0 && channels != 1 && channels != 3) {
      s.fail(concat("data has shape ", data, ", that is ", channels,
                    " channels; images of 1 or 3 channels are expected."));
    }
    const auto check = [&](const char* name, const std::vector<double>& numbers) {
      const int64_t count = int64_t(numbers.size());
      if (channels == 0 || count == 1 || count == channels) return;
      s.fail(concat(name, " has ", count, " numbers and data ", channels,
                    " channels; one number per channel, or one for all, is expected."));
    };
    check("mean", p.mean);
    check("std", p.std);
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // Calls f(channel, first element, their number) for each plane of the images.
  template <class F>
  static void each_plane(Pool& pool, const Shape& data, const F& f) {
    const int n = data.ndim();
    const int64_t channels = data[n - 3], pixels = data[n - 2] * data[n - 1];
    for_each(pool, data.elements(0, n - 2), pixels,
             [&](int64_t plane) { f(size_t(plane % channels), plane * pixels, pixels); });
  }
  static double of_channel(const std::vector<double>& numbers, size_t channel) {
    return numbers.size() == 1 ? numbers[0] : numbers[channel];
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const auto to = arrays.write(out(0));
      each_plane(call.pool(), call.read(in(0)).shape(), [&](size_t c, int64_t i, int64_t count) {
        const T mean = T(of_channel(p.mean, c)), deviation = T(of_channel(p.std, c));
        for (const int64_t end = i + count; i < end; ++i) to.put(i, (x[i] - mean) / deviation);
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    with_computed(call, call.read(out_grad(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const auto to = arrays.write(in_grad(0));
      each_plane(call.pool(), call.read(out_grad(0)).shape(),
                 [&](size_t c, int64_t i, int64_t count) {
                   const T deviation = T(of_channel(p.std, c));
                   for (const int64_t end = i + count; i < end; ++i) to.put(i, dy[i] / deviation);
                 });
    });
  }
};
TREADLE_REGISTER_OP(ImageNormalize);

}  // namespace
}  // namespace treadle::ops
