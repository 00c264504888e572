// _contrib_PSROIPooling: the mean of each cell of regions, each cell of channels of its own (R-FCN,
// Dai et al., 2016).
#include "treadle/operators/elementwise.h"
#include "treadle/operators/spatial/regions.h"

namespace treadle::ops {
namespace {

struct PsRoiPooling {
  static constexpr auto name = "_contrib_PSROIPooling";
  static constexpr auto doc =
      "The mean of data (image, output_dim * group_size^2, y, x) in each of pooled_size x "
      "pooled_size "
      "cells of each region; each cell reads the channels of its place in a grid of group_size. An "
      "empty cell, or one of an image that does not exist, gives 0.";
  static constexpr auto inputs = names("data", "rois");

  struct Params {
    float spatial_scale = 1;
    int output_dim = 0;
    int pooled_size = 0;
    int group_size = 0;
    static constexpr auto fields = reflect(
        field("spatial_scale", &Params::spatial_scale, required, between(0, 1),
              "From the coordinates of rois to those of data."),
        field("output_dim", &Params::output_dim, required, at_least(1), "Channels of the output."),
        field("pooled_size", &Params::pooled_size, required, at_least(1),
              "Rows, and columns, of cells."),
        field("group_size", &Params::group_size, at_least(0),
              "Rows, and columns, of groups of channels; 0: pooled_size."));

    int64_t groups() const { return group_size > 0 ? group_size : pooled_size; }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    check_regions(s, 5);
    const Shape data = s.shape(in(0));
    if (!data.empty()) {
      s.set(in(0), {0, p.output_dim * p.groups() * p.groups(), 0, 0}, [&] {
        return concat("output_dim is ", p.output_dim, " and group_size is ", p.groups());
      });
    }
    s.set(out(0), {s.shape(in(1))[0], p.output_dim, p.pooled_size, p.pooled_size},
          [&] { return concat("rois is ", s.shape(in(1))); });
  }

  static size_t scratch_bytes(const KernelQuery& query) { return computed_scratch(query); }

  // The pixels under one cell, and the plane they are read from; empty where there are none.
  struct Cell {
    int64_t top = 0, bottom = 0, left = 0, right = 0, plane = 0;
    int64_t count() const { return (bottom - top) * (right - left); }
  };
  template <class T>
  static Cell cell_of(const Params& p, const T* roi, const Shape& data, int64_t channel,
                      int64_t row, int64_t column) {
    Cell made;
    const int64_t image = index_of(roi[0]);
    if (image < 0 || image >= data[0]) return made;
    const T scale = T(p.spatial_scale);
    const auto span = [&](T from, T to, int64_t i, int64_t limit, int64_t& first, int64_t& last) {
      const T start = std::round(from) * scale, end = (std::round(to) + T(1)) * scale;
      const T step = std::max(end - start, T(0.1)) / T(p.pooled_size);
      first = std::clamp<int64_t>(index_of(std::floor(T(i) * step + start)), 0, limit);
      last = std::clamp<int64_t>(index_of(std::ceil(T(i + 1) * step + start)), first, limit);
    };
    span(roi[1], roi[3], column, data[3], made.left, made.right);
    span(roi[2], roi[4], row, data[2], made.top, made.bottom);
    const int64_t groups = p.groups();
    const int64_t from = (channel * groups + row * groups / p.pooled_size) * groups +
                         column * groups / p.pooled_size;
    made.plane = (image * data[1] + from) * data[2] * data[3];
    return made;
  }
  template <class F>
  static void for_pixels(const Cell& cell, int64_t width, const F& f) {
    for (int64_t y = cell.top; y < cell.bottom; ++y) {
      for (int64_t x = cell.left; x < cell.right; ++x) f(cell.plane + y * width + x);
    }
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    const Shape data = call.read(in(0)).shape();
    const int64_t cells = int64_t(p.pooled_size) * p.pooled_size;
    const int64_t regions = call.read(in(1)).shape()[0];
    with_computed(call, call.read(in(0)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const x = arrays.read(in(0));
      const T* const rois = arrays.read(in(1));
      const auto to = arrays.write(out(0));
      for_each(call.pool(), regions * p.output_dim, cells * 64, [&](int64_t index) {
        for (int64_t i = 0; i < cells; ++i) {
          const Cell cell = cell_of(p, rois + index / p.output_dim * 5, data, index % p.output_dim,
                                    i / p.pooled_size, i % p.pooled_size);
          T sum = 0;
          for_pixels(cell, data[3], [&](int64_t pixel) { sum += x[pixel]; });
          to.put(index * cells + i, cell.count() > 0 ? sum / T(cell.count()) : T(0));
        }
      });
    });
  }

  static constexpr auto backward_reads = reads(out_grad(0), in(1));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    if (!call.is_wanted(in_grad(0))) return;
    const Shape data = call.write(in_grad(0)).shape();
    const int64_t cells = int64_t(p.pooled_size) * p.pooled_size;
    const int64_t regions = call.read(in(1)).shape()[0];
    with_computed(call, call.read(in(1)).type(), [&](auto& arrays, auto zero) {
      using T = decltype(zero);
      const T* const dy = arrays.read(out_grad(0));
      const T* const rois = arrays.read(in(1));
      T* const dx = arrays.sums(in_grad(0));
      // Regions overlap, so each thread has channels of its own.
      for_each(call.pool(), p.output_dim, regions * cells * 64, [&](int64_t c) {
        for (int64_t index = 0; index < regions * cells; ++index) {
          const int64_t r = index / cells, i = index % cells;
          const Cell cell = cell_of(p, rois + r * 5, data, c, i / p.pooled_size, i % p.pooled_size);
          if (cell.count() == 0) continue;
          const T head = dy[(r * p.output_dim + c) * cells + i] / T(cell.count());
          for_pixels(cell, data[3], [&](int64_t pixel) { dx[pixel] += head; });
        }
      });
    });
  }
};
TREADLE_REGISTER_OP(PsRoiPooling);

}  // namespace
}  // namespace treadle::ops
