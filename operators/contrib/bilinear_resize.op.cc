// _contrib_BilinearResize2D: images brought to another size by bilinear interpolation.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/nn/computed.h"
#include "treadle/operators/spatial/bilinear.h"

namespace treadle::ops {
namespace {

enum class ResizeMode { like, odd_scale, size, to_even_down, to_even_up, to_odd_down, to_odd_up };
EnumNames describe(ResizeMode) {
  return enum_names("ResizeMode", "like", "odd_scale", "size", "to_even_down", "to_even_up",
                    "to_odd_down", "to_odd_up");
}

struct BilinearResize {
  static constexpr auto name = "_contrib_BilinearResize2D";
  static constexpr auto doc =
      "Images (batch, channel, y, x) brought to another size by bilinear interpolation.";

  struct Params {
    int height = 1;
    int width = 1;
    std::optional<float> scale_height, scale_width;
    ResizeMode mode = ResizeMode::size;
    bool align_corners = true;
    static constexpr auto fields = reflect(
        field("height", &Params::height, at_least(1), "Height of the output, in mode size."),
        field("width", &Params::width, at_least(1), "Width of the output, in mode size."),
        field("scale_height", &Params::scale_height, above(0),
              "Factor of the height, in modes size (in place of height) and odd_scale."),
        field("scale_width", &Params::scale_width, above(0),
              "Factor of the width, in modes size (in place of width) and odd_scale."),
        field(
            "mode", &Params::mode,
            "size: as given; odd_scale: scaled, (n - 1) * scale + 1 where n is odd; like: the size "
            "of a second input; to_even_down, to_even_up, to_odd_down, to_odd_up: the next number "
            "of that kind."),
        field("align_corners", &Params::align_corners,
              "The centres of the corner pixels stay in place; else the image's edges do."));
  };

  static std::vector<std::string> inputs(const Params& p) {
    if (p.mode == ResizeMode::like) return {"data", "like"};
    return {"data"};
  }

  static int64_t resized(const Params& p, ShapeInference& s, int64_t size, int64_t wanted,
                         const std::optional<float>& scale) {
    const bool is_odd = size % 2 == 1;
    switch (p.mode) {
      case ResizeMode::size: return scale ? int64_t(*scale * float(size)) : wanted;
      case ResizeMode::odd_scale:
        if (!scale) s.fail("mode odd_scale needs scale_height and scale_width.");
        return is_odd ? int64_t(float(size - 1) * *scale) + 1 : int64_t(float(size) * *scale);
      case ResizeMode::to_even_down: return is_odd ? size - 1 : size;
      case ResizeMode::to_even_up: return is_odd ? size + 1 : size;
      case ResizeMode::to_odd_down: return is_odd ? size : size - 1;
      case ResizeMode::to_odd_up: return is_odd ? size : size + 1;
      case ResizeMode::like: break;
    }
    return wanted;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() != 4) {
      s.fail(concat("data has shape ", data, "; 4 axes (batch, channel, y, x) are expected."));
    }
    if (p.scale_height.has_value() != p.scale_width.has_value()) {
      s.fail("only one of scale_height and scale_width is given; both or none are expected.");
    }
    Shape made = data;
    const Shape like = p.mode == ResizeMode::like ? s.shape(in(1)) : Shape();
    if (!like.empty() && like.ndim() != 4) {
      s.fail(concat("like has shape ", like, "; 4 axes (batch, channel, y, x) are expected."));
    }
    for (int i = 0; i < 2; ++i) {
      if (p.mode == ResizeMode::like) {
        made[i + 2] = like.empty() ? 0 : like[i + 2];
        continue;
      }
      if (data[i + 2] == 0) continue;
      made[i + 2] = resized(p, s, data[i + 2], i == 0 ? p.height : p.width,
                            i == 0 ? p.scale_height : p.scale_width);
      if (made[i + 2] < 1) {
        s.fail(concat("data has shape ", data, ", of which nothing is left on axis ", i + 2, "."));
      }
    }
    s.set(out(0), made, [&] { return concat("data is ", data); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }
  static constexpr auto backward_reads = reads(out_grad(0));

  // The place in the image that pixel `i` of `to` pixels shows, of `from` on that axis.
  template <class T>
  static T place(const Params& p, int64_t i, int64_t from, int64_t to) {
    if (from == to) return T(i);
    if (to <= 1) return T(0);
    if (p.align_corners) return T(i) * (T(from - 1) / T(to - 1));
    return std::max(T(0), (T(i) + T(0.5)) * (T(from) / T(to)) - T(0.5));
  }
  template <class T>
  static ClampedPoint<T> point(const Params& p, int64_t i, const Shape& from, const Shape& to) {
    return {place<T>(p, i / to[3], from[2], to[2]), place<T>(p, i % to[3], from[3], to[3]), from[2],
            from[3]};
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape from = call.read(in(0)).shape(), to = call.write(out(0)).shape();
    const int64_t pixels = from[2] * from[3], count = to[2] * to[3], planes = from[0] * from[1];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const auto y = arrays.write(out(0));
      for_each(call.pool(), count, planes * 8, [&](int64_t i) {
        const ClampedPoint<T> at = point<T>(p, i, from, to);
        for (int64_t plane = 0; plane < planes; ++plane) {
          y.put(plane * count + i, at.value([&](int64_t k) { return x[plane * pixels + k]; }));
        }
      });
    });
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (p.mode == ResizeMode::like) elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Shape from = call.write(in_grad(0)).shape(), to = call.read(out_grad(0)).shape();
    const int64_t pixels = from[2] * from[3], count = to[2] * to[3];
    with_computed(call, call.read(out_grad(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      T* const dx = arrays.sums(in_grad(0));
      for_each(call.pool(), from[0] * from[1], count * 8, [&](int64_t plane) {
        for (int64_t i = 0; i < count; ++i) {
          const ClampedPoint<T> at = point<T>(p, i, from, to);
          for (int k = 0; k < 4; ++k) {
            dx[plane * pixels + at.index[k]] += at.weight[k] * dy[plane * count + i];
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(BilinearResize);

}  // namespace
}  // namespace treadle::ops
