// BilinearSampler: images read at the points of a grid.
#include "treadle/operators/spatial/sampling.h"

namespace treadle::ops {
namespace {

struct BilinearSampler {
  static constexpr auto name = "BilinearSampler";
  static constexpr auto doc =
      "Reads images data (batch, channel, y, x) at the points grid (batch, 2, y, x) by bilinear "
      "interpolation; grid has x and y from -1 to 1, and points outside of an image read 0.";
  static constexpr auto inputs = names("data", "grid");

  struct Params {
    std::optional<bool> cudnn_off;
    static constexpr auto fields =
        reflect(field("cudnn_off", &Params::cudnn_off, "A hint for GPUs; changes no result."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    for (int i = 0; i < 2; ++i) {
      const Shape& shape = s.shape(in(i));
      if (shape.empty() || shape.ndim() == 4) continue;
      s.fail(concat(s.name(in(i)), " has shape ", shape, "; 4 axes (batch, ",
                    i == 0 ? "channel" : "2", ", y, x) are expected."));
    }
    const Shape data = s.shape(in(0)), grid = s.shape(in(1));
    if (data.empty() && grid.empty()) return;
    s.set(in(1), {data[0], 2, 0, 0},
          [&] { return concat("data is ", data, "; grid has x and y"); });
    const int64_t rows = grid.empty() ? 0 : grid[2], columns = grid.empty() ? 0 : grid[3];
    s.set(out(0), {data.empty() ? grid[0] : data[0], data[1], rows, columns},
          [&] { return concat("data is ", data, " and grid is ", grid); });
    if (!grid.empty() && !data.empty()) s.set(in(0), {grid[0], 0, 0, 0});
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // grid (batch, 2, positions): x, then y.
  template <class T>
  static auto points_of(const T* grid, int64_t positions) {
    return [=](int64_t n, int64_t i, T& x, T& y) {
      x = grid[n * 2 * positions + i];
      y = grid[(n * 2 + 1) * positions + i];
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
      const auto points = points_of<T>(arrays.read(in(1)), s.positions());
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
      const auto points = points_of<T>(arrays.read(in(1)), s.positions());
      if (T* const grad = arrays.sums(in_grad(0))) {
        add_image_gradient(call.pool(), s, dy, points, grad);
      }
      const auto to = arrays.write(in_grad(1));
      if (!to) return;
      for_each(call.pool(), s.batch * s.positions(), s.channels * 8, [&](int64_t index) {
        const int64_t n = index / s.positions(), i = index % s.positions();
        T along_x = 0, along_y = 0;
        grid_gradient(s, data, dy, points, n, i, along_x, along_y);
        to.put(n * 2 * s.positions() + i, along_x);
        to.put((n * 2 + 1) * s.positions() + i, along_y);
      });
    });
  }
};
TREADLE_REGISTER_OP(BilinearSampler);

}  // namespace
}  // namespace treadle::ops
