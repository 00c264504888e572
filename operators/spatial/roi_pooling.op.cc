// ROIPooling: the maxima of the cells of regions (Girshick, 2015).
#include "treadle/operators/elementwise.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct RoiPooling {
  static constexpr auto name = "ROIPooling";
  static constexpr auto doc =
      "The maximum of each of pooled_size cells of each region of data; rois are (region, 5): "
      "image, "
      "x1, y1, x2, y2. An empty cell, or one of an image that does not exist, gives 0.";
  static constexpr auto inputs = names("data", "rois");

  struct Params {
    Shape pooled_size;
    float spatial_scale = 1;
    static constexpr auto fields =
        reflect(field("pooled_size", &Params::pooled_size, required, at_least(1),
                      "Rows and columns of cells."),
                field("spatial_scale", &Params::spatial_scale, required, between(0, 1),
                      "From the coordinates of rois to those of data."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_pooled_size(s, p.pooled_size);
    check_regions(s, 5);
    const Shape data = s.shape(in(0));
    set_cells(s, data[1], p.pooled_size);
    const Shape made = s.shape(out(0));
    s.set(in(1), {made[0], 5});
    if (!data.empty()) s.set(in(0), {0, made[1], 0, 0});
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // The cells of one region; image is -1 where there is no such image.
  template <class T>
  struct Region {
    int64_t image, top, left, height, width;

    Region(const Params& p, const T* roi, const Shape& data) {
      const auto place = [&](int i) { return index_of(std::round(roi[i] * T(p.spatial_scale))); };
      image = index_of(roi[0]);
      if (image < 0 || image >= data[0]) image = -1;
      left = place(1);
      top = place(2);
      width = std::max<int64_t>(place(3) - left + 1, 1);
      height = std::max<int64_t>(place(4) - top + 1, 1);
    }
    // First and last + 1 of cell `i` of `count` on an axis.
    static std::pair<int64_t, int64_t> span(int64_t i, int64_t count, int64_t first, int64_t size,
                                            int64_t limit) {
      const T step = T(size) / T(count);
      const auto bound = [&](T value) {
        return std::clamp<int64_t>(int64_t(value) + first, 0, limit);
      };
      return {bound(std::floor(T(i) * step)), bound(std::ceil(T(i + 1) * step))};
    }
  };
  // The pixel that is the maximum of a cell of a plane; -1 for an empty one.
  template <class T>
  static int64_t largest(const Params& p, const Region<T>& region, const Shape& data,
                         const T* plane, int64_t cell) {
    const auto [top, bottom] = Region<T>::span(cell / p.pooled_size[1], p.pooled_size[0],
                                               region.top, region.height, data[2]);
    const auto [left, right] = Region<T>::span(cell % p.pooled_size[1], p.pooled_size[1],
                                               region.left, region.width, data[3]);
    int64_t best = -1;
    for (int64_t y = top; y < bottom; ++y) {
      for (int64_t i = y * data[3] + left; i < y * data[3] + right; ++i) {
        if (best < 0 || plane[i] > plane[best]) best = i;
      }
    }
    return best;
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    const int64_t regions = call.read(in(1)).shape()[0], channels = data[1];
    const int64_t pixels = data[2] * data[3], cells = p.pooled_size.elements();
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const T* const rois = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), regions * channels, pixels, [&](int64_t row) {
        const Region<T> region(p, rois + row / channels * 5, data);
        const T* const plane =
            x + (std::max<int64_t>(0, region.image) * channels + row % channels) * pixels;
        for (int64_t cell = 0; cell < cells; ++cell) {
          const int64_t best = region.image < 0 ? -1 : largest(p, region, data, plane, cell);
          to.put(row * cells + cell, best < 0 ? T(0) : plane[best]);
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
    const int64_t regions = call.read(in(1)).shape()[0], channels = data[1];
    const int64_t pixels = data[2] * data[3], cells = p.pooled_size.elements();
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const T* const x = arrays.read(in(0));
      const T* const rois = arrays.read(in(1));
      T* const dx = arrays.sums(in_grad(0));
      if (!dx) return;
      // Regions overlap, so each thread has channels of its own.
      for_each(call.pool(), channels, regions * pixels, [&](int64_t c) {
        for (int64_t r = 0; r < regions; ++r) {
          const Region<T> region(p, rois + r * 5, data);
          if (region.image < 0) continue;
          const int64_t plane = (region.image * channels + c) * pixels;
          for (int64_t cell = 0; cell < cells; ++cell) {
            const int64_t best = largest(p, region, data, x + plane, cell);
            if (best >= 0) dx[plane + best] += dy[(r * channels + c) * cells + cell];
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(RoiPooling);

}  // namespace
}  // namespace treadle::ops
