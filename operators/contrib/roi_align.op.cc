// _contrib_ROIAlign: the mean of points read in the cells of regions (He et al., 2017).
#include "treadle/operators/elementwise.h"
#include "treadle/operators/spatial/bilinear.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct RoiAlign {
  static constexpr auto name = "_contrib_ROIAlign";
  static constexpr auto doc =
      "The mean of data at points spread evenly over each of pooled_size cells of each region, "
      "read "
      "by bilinear interpolation; rois are (region, 5): image, x1, y1, x2, y2. A region of an "
      "image "
      "that does not exist gives 0.";
  static constexpr auto inputs = names("data", "rois");

  struct Params {
    Shape pooled_size;
    float spatial_scale = 1;
    int sample_ratio = -1;
    bool position_sensitive = false;
    bool aligned = false;
    static constexpr auto fields = reflect(
        field("pooled_size", &Params::pooled_size, required, at_least(1),
              "Rows and columns of cells."),
        field("spatial_scale", &Params::spatial_scale, required, between(0, 1),
              "From the coordinates of rois to those of data."),
        field("sample_ratio", &Params::sample_ratio,
              "Points per cell and axis; not positive: one per pixel of data."),
        field("position_sensitive", &Params::position_sensitive,
              "Each cell reads channels of its own."),
        field("aligned", &Params::aligned,
              "Take coordinates as those of pixel corners, half a pixel from the centres."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_pooled_size(s, p.pooled_size);
    check_regions(s, 5);
    const Shape data = s.shape(in(0));
    const int64_t cells = p.pooled_size.elements();
    int64_t channels = data[1];
    if (p.position_sensitive) {
      if (channels % cells != 0) {
        s.fail(concat("data has shape ", data, ", that is ", channels, " channels, which the ",
                      cells, " cells of pooled_size ", p.pooled_size, " do not divide evenly."));
      }
      channels /= cells;
    }
    set_cells(s, channels, p.pooled_size);
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // Calls f(point) for the points of one cell that lie in the image; returns how many there are.
  template <class T, class F>
  static int64_t for_points(const Params& p, const T* roi, const Shape& data, int64_t cell,
                            const F& f) {
    const T shift = p.aligned ? T(0.5) : T(0);
    T start[2], size[2];
    for (int i = 0; i < 2; ++i) {  // x, y
      start[i] = roi[1 + i] * T(p.spatial_scale) - shift;
      size[i] = roi[3 + i] * T(p.spatial_scale) - shift - start[i];
      if (!p.aligned) size[i] = std::max(size[i], T(1));
    }
    const int64_t rows = p.pooled_size[0], columns = p.pooled_size[1];
    const T height = size[1] / T(rows), width = size[0] / T(columns);
    const auto samples = [&](T extent) {
      if (p.sample_ratio > 0) return int64_t(p.sample_ratio);
      return std::clamp<int64_t>(index_of(std::ceil(extent)), 0, most_samples);
    };
    const int64_t down = samples(height), across = samples(width);
    for (int64_t iy = 0; iy < down; ++iy) {
      const T y = start[1] + T(cell / columns) * height + (T(iy) + T(0.5)) * height / T(down);
      if (!(y >= T(-1) && y <= T(data[2]))) continue;
      for (int64_t ix = 0; ix < across; ++ix) {
        const T x = start[0] + T(cell % columns) * width + (T(ix) + T(0.5)) * width / T(across);
        if (x >= T(-1) && x <= T(data[3])) f(ClampedPoint<T>(y, x, data[2], data[3]));
      }
    }
    return down * across;
  }

  struct Layout {
    int64_t regions, channels, cells, pixels, data_channels;
  };
  static Layout layout(const Params& p, const Shape& data, const Shape& made) {
    return {made[0], made[1], p.pooled_size.elements(), data[2] * data[3], data[1]};
  }
  // Where the plane lies that a cell of a region's channel reads; -1 where there is no such image.
  static int64_t plane_of(const Params& p, const Layout& n, int64_t image, int64_t images,
                          int64_t channel, int64_t cell) {
    if (image < 0 || image >= images) return -1;
    const int64_t from = p.position_sensitive ? channel * n.cells + cell : channel;
    return (image * n.data_channels + from) * n.pixels;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    const Layout n = layout(p, data, call.write(out(0)).shape());
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const T* const rois = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), n.regions * n.channels, n.cells * 64, [&](int64_t row) {
        const T* const roi = rois + row / n.channels * 5;
        for (int64_t cell = 0; cell < n.cells; ++cell) {
          T sum = 0;
          const int64_t plane = plane_of(p, n, index_of(roi[0]), data[0], row % n.channels, cell);
          if (plane >= 0) {
            const int64_t count = for_points(p, roi, data, cell, [&](const ClampedPoint<T>& point) {
              sum += point.value([&](int64_t i) { return x[plane + i]; });
            });
            if (count > 0) sum /= T(count);
          }
          to.put(row * n.cells + cell, sum);
        }
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    const Shape data = call.read(in(0)).shape();
    const Layout n = layout(p, data, call.read(out_grad(0)).shape());
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const T* const rois = arrays.read(in(1));
      T* const dx = arrays.sums(in_grad(0));
      if (!dx) return;
      // Regions overlap, so each thread has channels of its own.
      for_each(call.pool(), n.channels, n.regions * n.cells * 64, [&](int64_t c) {
        for (int64_t index = 0; index < n.regions * n.cells; ++index) {
          const int64_t r = index / n.cells, cell = index % n.cells;
          const T* const roi = rois + r * 5;
          const int64_t plane = plane_of(p, n, index_of(roi[0]), data[0], c, cell);
          if (plane < 0) continue;
          const int64_t count = for_points(p, roi, data, cell, [](const ClampedPoint<T>&) {});
          if (count == 0) continue;
          const T head = dy[(r * n.channels + c) * n.cells + cell] / T(count);
          for_points(p, roi, data, cell, [&](const ClampedPoint<T>& point) {
            for (int k = 0; k < 4; ++k) dx[plane + point.index[k]] += point.weight[k] * head;
          });
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(RoiAlign);

}  // namespace
}  // namespace treadle::ops
