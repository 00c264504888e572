// SpatialTransformer: images seen through learnt affine maps (Jaderberg et al., 2015).
#include "treadle/operators/spatial/sampling.h"

namespace treadle::ops {
namespace {

enum class TransformType { affine };
EnumNames describe(TransformType) { return enum_names("TransformType", "affine"); }
enum class SamplerType { bilinear };
EnumNames describe(SamplerType) { return enum_names("SamplerType", "bilinear"); }

struct SpatialTransformer {
  static constexpr auto name = "SpatialTransformer";
  static constexpr auto doc =
      "Reads images data (batch, channel, y, x) at a regular grid of target_shape that the affine "
      "maps loc (batch, 6) have moved, by bilinear interpolation; points outside read 0.";
  static constexpr auto inputs = names("data", "loc");

  struct Params {
    Shape target_shape{0, 0};
    TransformType transform_type = TransformType::affine;
    SamplerType sampler_type = SamplerType::bilinear;
    std::optional<bool> cudnn_off;
    static constexpr auto fields =
        reflect(field("target_shape", &Params::target_shape, at_least(0),
                      "Height and width of the output; (0, 0): those of data."),
                field("transform_type", &Params::transform_type, required, "What loc means."),
                field("sampler_type", &Params::sampler_type, required, "How images are read."),
                field("cudnn_off", &Params::cudnn_off, "A hint for GPUs; changes no result."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    if (p.target_shape.ndim() != 2) {
      s.fail(concat("target_shape is ", p.target_shape, "; a height and a width are expected."));
    }
    s.set(in(1), {0, 6}, "loc has six numbers a sample");
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
    s.set(in(1), {data[0], 6}, [&] { return concat("data is ", data); });
    Shape made = data;
    for (int i = 0; i < 2; ++i) {
      if (p.target_shape[i] > 0) made[i + 2] = p.target_shape[i];
    }
    s.set(out(0), made,
          [&] { return concat("data is ", data, " and target_shape is ", p.target_shape); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <class T>
  static auto points_of(const T* loc, const SamplingShape& s) {
    return [=](int64_t n, int64_t i, T& x, T& y) {
      const T* const map = loc + n * 6;
      const T from_x = regular<T>(i % s.out_width, s.out_width);
      const T from_y = regular<T>(i / s.out_width, s.out_height);
      x = map[0] * from_x + map[1] * from_y + map[2];
      y = map[3] * from_x + map[4] * from_y + map[5];
    };
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const SamplingShape s(call.read(in(0)).shape(), call.write(out(0)).shape());
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const data = arrays.read(in(0));
      const auto points = points_of<T>(arrays.read(in(1)), s);
      sample_images(call.pool(), s, data, points, arrays.write(out(0)));
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params&, Call<D>& call) {
    const SamplingShape s(call.read(in(0)).shape(), call.read(out_grad(0)).shape());
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const T* const data = arrays.read(in(0));
      const auto points = points_of<T>(arrays.read(in(1)), s);
      if (T* const grad = arrays.sums(in_grad(0))) {
        add_image_gradient(call.pool(), s, dy, points, grad);
      }
      const auto to = arrays.write(in_grad(1));
      if (!to) return;
      for_each(call.pool(), s.batch, s.positions() * s.channels * 8, [&](int64_t n) {
        T sums[6] = {};
        for (int64_t i = 0; i < s.positions(); ++i) {
          T along[2] = {};
          grid_gradient(s, data, dy, points, n, i, along[0], along[1]);
          const T from[3] = {regular<T>(i % s.out_width, s.out_width),
                             regular<T>(i / s.out_width, s.out_height), T(1)};
          for (int k = 0; k < 6; ++k) sums[k] += along[k / 3] * from[k % 3];
        }
        for (int k = 0; k < 6; ++k) to.put(n * 6 + k, sums[k]);
      });
    });
  }
};
TREADLE_REGISTER_OP(SpatialTransformer);

}  // namespace
}  // namespace treadle::ops
