// _contrib_RROIAlign: the mean of points read in the cells of turned regions (Ma et al., 2018).
#include "treadle/operators/spatial/bilinear.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct RotatedRoiAlign {
  static constexpr auto name = "_contrib_RROIAlign";
  static constexpr auto doc =
      "The mean of data at points spread evenly over each of pooled_size cells of each turned "
      "region, read by bilinear interpolation; rois are (region, 6): image, x and y of the centre, "
      "width, height, degrees. A region of an image that does not exist gives 0.";
  static constexpr auto inputs = names("data", "rois");

  struct Params {
    Shape pooled_size;
    float spatial_scale = 1;
    int sampling_ratio = -1;
    static constexpr auto fields =
        reflect(field("pooled_size", &Params::pooled_size, required, at_least(1),
                      "Rows and columns of cells."),
                field("spatial_scale", &Params::spatial_scale, required, between(0, 1),
                      "From the coordinates of rois to those of data."),
                field("sampling_ratio", &Params::sampling_ratio,
                      "Points per cell and axis; not positive: one per pixel of data."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_pooled_size(s, p.pooled_size);
    check_regions(s, 6);
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    set_cells(s, data[1], p.pooled_size);
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // A region of an image whose pixels are `rows` x `columns`, in data's coordinates.
  template <class T>
  struct Region {
    T x, y, cell_width, cell_height, cosine, sine;
    int64_t across, down;  // points per cell

    Region(const Params& p, const T* roi) {
      const T scale = T(p.spatial_scale);
      x = roi[1] * scale;
      y = roi[2] * scale;
      cell_width = std::max(roi[3] * scale, T(1)) / T(p.pooled_size[1]);
      cell_height = std::max(roi[4] * scale, T(1)) / T(p.pooled_size[0]);
      const T angle = roi[5] * T(3.14159265358979323846 / 180);
      cosine = std::cos(angle);
      sine = std::sin(angle);
      across = points(p, cell_width);
      down = points(p, cell_height);
    }
    static int64_t points(const Params& p, T extent) {
      if (p.sampling_ratio > 0) return p.sampling_ratio;
      return std::clamp<int64_t>(index_of(std::ceil(extent)), 1, most_samples);
    }
  };

  // The mean of a plane's values at the points of the cell (row, column).
  template <class T>
  static T mean(const Params& p, const Region<T>& region, const T* plane, const Shape& data,
                int64_t row, int64_t column) {
    T sum = 0;
    for (int64_t iy = 0; iy < region.down; ++iy) {
      const T v = (T(row) - T(p.pooled_size[0]) / 2 + (T(iy) + T(0.5)) / T(region.down)) *
                  region.cell_height;
      for (int64_t ix = 0; ix < region.across; ++ix) {
        const T u = (T(column) - T(p.pooled_size[1]) / 2 + (T(ix) + T(0.5)) / T(region.across)) *
                    region.cell_width;
        const T x = u * region.cosine + v * region.sine + region.x;
        const T y = v * region.cosine - u * region.sine + region.y;
        if (!(y >= T(-1) && y <= T(data[2]) && x >= T(-1) && x <= T(data[3]))) continue;
        sum += ClampedPoint<T>(y, x, data[2], data[3]).value([&](int64_t i) { return plane[i]; });
      }
    }
    return sum / T(region.down * region.across);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    const int64_t regions = call.read(in(1)).shape()[0], channels = data[1];
    const int64_t cells = p.pooled_size.elements();
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const T* const rois = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), regions, channels * cells * 64, [&](int64_t r) {
        const T* const roi = rois + r * 6;
        const Region<T> region(p, roi);
        const int64_t image = index_of(roi[0]);
        const bool exists = image >= 0 && image < data[0];
        for (int64_t c = 0; c < channels; ++c) {
          const T* const plane = exists ? x + (image * channels + c) * data[2] * data[3] : nullptr;
          for (int64_t cell = 0; cell < cells; ++cell) {
            to.put((r * channels + c) * cells + cell,
                   exists ? mean(p, region, plane, data, cell / p.pooled_size[1],
                                 cell % p.pooled_size[1])
                          : T(0));
          }
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(RotatedRoiAlign);

}  // namespace
}  // namespace treadle::ops
