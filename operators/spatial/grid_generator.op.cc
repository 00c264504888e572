// GridGenerator: the grid that BilinearSampler reads images at, from affine maps or optical flow.
#include "treadle/operators/spatial/sampling.h"

namespace treadle::ops {
namespace {

enum class GridType { affine, warp };
EnumNames describe(GridType) { return enum_names("GridType", "affine", "warp"); }

struct GridGenerator {
  static constexpr auto name = "GridGenerator";
  static constexpr auto doc =
      "Grid (batch, 2, y, x) of points x and y from -1 to 1. affine: data (batch, 6) maps a "
      "regular "
      "grid of target_shape; warp: data (batch, 2, y, x) is added to the pixels' positions.";
  static constexpr auto inputs = names("data");

  struct Params {
    GridType transform_type = GridType::affine;
    Shape target_shape{0, 0};
    static constexpr auto fields =
        reflect(field("transform_type", &Params::transform_type, required, "What data mean."),
                field("target_shape", &Params::target_shape, at_least(0),
                      "Height and width of the grid, for affine."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (p.transform_type == GridType::warp) {
      s.unify(in(0), out(0));
      if (!data.empty() && data.ndim() != 4) {
        s.fail(concat("data has shape ", data, "; (batch, 2, y, x) is expected with warp."));
      }
      s.set(in(0), {0, 2, 0, 0}, "with warp, data has x and y");
      return;
    }
    if (p.target_shape.ndim() != 2 || p.target_shape[0] < 1 || p.target_shape[1] < 1) {
      s.fail(concat("target_shape is ", p.target_shape,
                    "; a height and a width of at least 1 are expected with affine."));
    }
    s.set(in(0), {0, 6}, "with affine, data has six numbers a sample");
    s.set(out(0), {s.shape(in(0))[0], 2, p.target_shape[0], p.target_shape[1]},
          [&] { return concat("data is ", data, " and target_shape is ", p.target_shape); });
    s.set(in(0), {s.shape(out(0))[0], 6});
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape grid = call.write(out(0)).shape();
    const int64_t height = grid[2], width = grid[3], size = height * width;
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const data = arrays.read(in(0));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), grid[0] * 2, size * 4, [&](int64_t plane) {
        for (int64_t i = 0; i < size; ++i) {
          const int64_t y = i / width, x = i % width;
          T value = 0;
          if (p.transform_type == GridType::affine) {
            const T* const map = data + plane * 3;
            value = map[0] * regular<T>(x, width) + map[1] * regular<T>(y, height) + map[2];
          } else {
            const bool is_x = plane % 2 == 0;
            value = (data[plane * size + i] + T(is_x ? x : y)) *
                        inverse_half<T>(is_x ? width : height) -
                    T(1);
          }
          to.put(plane * size + i, value);
        }
      });
    });
  }
  // 1 / half the distance between the first and the last of `count` pixels.
  template <class T>
  static T inverse_half(int64_t count) {
    return T(2) / T(std::max<int64_t>(1, count - 1));
  }

  static constexpr auto backward_reads = reads(out_grad(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    const Shape grid = call.read(out_grad(0)).shape();
    const int64_t height = grid[2], width = grid[3], size = height * width;
    with_computed(call, call.read(out_grad(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const auto to = arrays.write(in_grad(0));
      if (!to) return;
      for_each(call.pool(), grid[0] * 2, size * 4, [&](int64_t plane) {
        if (p.transform_type == GridType::warp) {
          const T scale = inverse_half<T>(plane % 2 == 0 ? width : height);
          for (int64_t i = plane * size; i < (plane + 1) * size; ++i) to.put(i, dy[i] * scale);
          return;
        }
        T sums[3] = {};
        for (int64_t i = 0; i < size; ++i) {
          const T head = dy[plane * size + i];
          sums[0] += head * regular<T>(i % width, width);
          sums[1] += head * regular<T>(i / width, height);
          sums[2] += head;
        }
        for (int k = 0; k < 3; ++k) to.put(plane * 3 + k, sums[k]);
      });
    });
  }
};
TREADLE_REGISTER_OP(GridGenerator);

}  // namespace
}  // namespace treadle::ops
