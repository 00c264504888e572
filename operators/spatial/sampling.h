// Sampling images at points of a grid: what BilinearSampler and SpatialTransformer share. Grids are
// in [-1, 1] from edge to edge; points outside read 0. T is float or double.
#pragma once

#include "treadle/operators/nn/computed.h"
#include "treadle/operators/spatial/bilinear.h"

namespace treadle::ops {

struct SamplingShape {
  int64_t batch = 0, channels = 0, height = 0, width = 0;
  int64_t out_height = 0, out_width = 0;

  SamplingShape(const Shape& data, const Shape& out)
      : batch(data[0]),
        channels(data[1]),
        height(data[2]),
        width(data[3]),
        out_height(out[2]),
        out_width(out[3]) {}
  int64_t pixels() const { return height * width; }
  int64_t positions() const { return out_height * out_width; }
};

// The point of the image under output position `i` of sample `n`; grid(n, i, x, y) gives it in
// [-1, 1].
template <class T, class Grid>
BilinearPoint<T> sampled_point(const SamplingShape& s, const Grid& grid, int64_t n, int64_t i) {
  T x = 0, y = 0;
  grid(n, i, x, y);
  return BilinearPoint<T>((y + T(1)) * T(s.height - 1) / T(2), (x + T(1)) * T(s.width - 1) / T(2),
                          s.height, s.width);
}

template <class T, class Grid, class Out>
void sample_images(Pool& pool, const SamplingShape& s, const T* data, const Grid& grid,
                   const Out& out) {
  for_each(pool, s.batch * s.positions(), s.channels * 8, [&](int64_t index) {
    const int64_t n = index / s.positions(), i = index % s.positions();
    const BilinearPoint<T> point = sampled_point<T>(s, grid, n, i);
    for (int64_t c = n * s.channels; c < (n + 1) * s.channels; ++c) {
      const T* const plane = data + c * s.pixels();
      out.put(c * s.positions() + i, point.value([&](int64_t k) { return plane[k]; }));
    }
  });
}

// data_grad += what the gradients `dy` of the samples send back.
template <class T, class Grid>
void add_image_gradient(Pool& pool, const SamplingShape& s, const T* dy, const Grid& grid,
                        T* data_grad) {
  for_each(pool, s.batch * s.channels, s.positions() * 8, [&](int64_t plane) {
    T* const to = data_grad + plane * s.pixels();
    for (int64_t i = 0; i < s.positions(); ++i) {
      const BilinearPoint<T> point = sampled_point<T>(s, grid, plane / s.channels, i);
      for (int k = 0; k < 4; ++k) {
        if (point.inside[k]) to[point.index[k]] += point.weight[k] * dy[plane * s.positions() + i];
      }
    }
  });
}

// The gradient of one grid point, in the grid's units.
template <class T, class Grid>
void grid_gradient(const SamplingShape& s, const T* data, const T* dy, const Grid& grid, int64_t n,
                   int64_t i, T& along_x, T& along_y) {
  const BilinearPoint<T> point = sampled_point<T>(s, grid, n, i);
  T sum_x = 0, sum_y = 0;
  for (int64_t c = n * s.channels; c < (n + 1) * s.channels; ++c) {
    const T* const plane = data + c * s.pixels();
    T slope_y = 0, slope_x = 0;
    point.slopes([&](int64_t k) { return plane[k]; }, slope_y, slope_x);
    sum_x += slope_x * dy[c * s.positions() + i];
    sum_y += slope_y * dy[c * s.positions() + i];
  }
  along_x = sum_x * T(s.width - 1) / T(2);
  along_y = sum_y * T(s.height - 1) / T(2);
}

// Coordinates of a regular grid of `count` points from -1 to 1; one point alone lies at -1.
template <class T>
T regular(int64_t i, int64_t count) {
  return T(-1) + (count > 1 ? T(i) * T(2.0 / double(count - 1)) : T(0));
}

}  // namespace treadle::ops
