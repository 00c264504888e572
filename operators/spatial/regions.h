// Regions of interest: what the operators that pool them share. A row of rois is (image, x1, y1,
// x2, y2) in coordinates that `spatial_scale` brings to those of data.
#pragma once

#include <cmath>

#include "treadle/operators/nn/computed.h"

namespace treadle::ops {

// Points per cell and axis where rois decide; beyond it they lie closer than any pixels do.
inline constexpr int64_t most_samples = 1024;

// A number as an index: whole, and within what int64 arithmetic can take; NaN becomes -1.
template <class T>
int64_t index_of(T number) {
  constexpr double bound = 1e9;
  const double value = double(number);
  if (!(value == value)) return -1;
  return int64_t(value < -bound ? -bound : value > bound ? bound : value);
}

// data (image, channel, y, x), rois (region, columns).
inline void check_regions(ShapeInference& s, int64_t columns) {
  const Shape data = s.shape(in(0)), rois = s.shape(in(1));
  if (!data.empty() && data.ndim() != 4) {
    s.fail(concat("data has shape ", data, "; 4 axes (image, channel, y, x) are expected."));
  }
  if (!rois.empty() && rois.ndim() != 2) {
    s.fail(concat("rois has shape ", rois, "; (region, ", columns, ") is expected."));
  }
  s.set(in(1), {0, columns},
        columns == 6 ? "a region is (image, x, y, width, height, degrees)"
                     : "a region is (image, x1, y1, x2, y2)");
}

inline void check_pooled_size(ShapeInference& s, const Shape& size) {
  if (size.ndim() == 2) return;
  s.fail(concat("pooled_size is ", size, "; a height and a width are expected."));
}

// The output (region, channel, row and column of the cell).
inline void set_cells(ShapeInference& s, int64_t channels, const Shape& pooled_size) {
  s.set(out(0), {s.shape(in(1))[0], channels, pooled_size[0], pooled_size[1]},
        [&] { return concat("data is ", s.shape(in(0)), " and pooled_size is ", pooled_size); });
}

}  // namespace treadle::ops
