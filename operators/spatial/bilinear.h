// Reading an image between its pixels: what the operators that sample images share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace treadle::ops {

// The four pixels around a point (y, x) of a plane of height x width pixels, and their weights;
// weight 0 for those outside, which read as 0. A point further than a pixel away has none.
template <class C>
struct BilinearPoint {
  int64_t index[4] = {};
  C weight[4] = {};
  // Distances from the upper left pixel, and which of the four lie inside.
  C dy = 0, dx = 0;
  bool inside[4] = {};

  BilinearPoint(C y, C x, int64_t height, int64_t width) {
    // Also false for NaN.
    if (!(y > C(-1) && y < C(height) && x > C(-1) && x < C(width))) return;
    const C top = std::floor(y), left = std::floor(x);
    dy = y - top;
    dx = x - left;
    for (int k = 0; k < 4; ++k) {
      const int64_t row = int64_t(top) + k / 2, column = int64_t(left) + k % 2;
      inside[k] = row >= 0 && row < height && column >= 0 && column < width;
      if (!inside[k]) continue;
      index[k] = row * width + column;
      weight[k] = (k / 2 ? dy : C(1) - dy) * (k % 2 ? dx : C(1) - dx);
    }
  }

  // The value there; `at(i)` reads pixel i.
  template <class F>
  C value(const F& at) const {
    C sum = 0;
    for (int k = 0; k < 4; ++k) {
      if (inside[k]) sum += weight[k] * C(at(index[k]));
    }
    return sum;
  }
  // Its slopes along y and x.
  template <class F>
  void slopes(const F& at, C& along_y, C& along_x) const {
    C pixel[4];
    for (int k = 0; k < 4; ++k) pixel[k] = inside[k] ? C(at(index[k])) : C(0);
    along_y = (pixel[2] - pixel[0]) * (C(1) - dx) + (pixel[3] - pixel[1]) * dx;
    along_x = (pixel[1] - pixel[0]) * (C(1) - dy) + (pixel[3] - pixel[2]) * dy;
  }
};

// The same for operators that read the edge's pixel beyond the last pixel's centre: points are
// moved to the nearest place between pixels; whether a point counts is the caller's to say.
template <class C>
struct ClampedPoint {
  int64_t index[4] = {};
  C weight[4] = {};
  C dy = 0, dx = 0;
  bool moves_y = true, moves_x = true;  // whether the value changes with y and with x

  ClampedPoint() = default;
  ClampedPoint(C y, C x, int64_t height, int64_t width) {
    const int64_t top = clamp(y, height, dy, moves_y), left = clamp(x, width, dx, moves_x);
    for (int k = 0; k < 4; ++k) {
      const int64_t row = std::min(top + k / 2, height - 1);
      const int64_t column = std::min(left + k % 2, width - 1);
      index[k] = row * width + column;
      weight[k] = (k / 2 ? dy : C(1) - dy) * (k % 2 ? dx : C(1) - dx);
    }
  }

  template <class F>
  C value(const F& at) const {
    C sum = 0;
    for (int k = 0; k < 4; ++k) sum += weight[k] * C(at(index[k]));
    return sum;
  }
  template <class F>
  void slopes(const F& at, C& along_y, C& along_x) const {
    C pixel[4];
    for (int k = 0; k < 4; ++k) pixel[k] = C(at(index[k]));
    along_y = moves_y ? (pixel[2] - pixel[0]) * (C(1) - dx) + (pixel[3] - pixel[1]) * dx : C(0);
    along_x = moves_x ? (pixel[1] - pixel[0]) * (C(1) - dy) + (pixel[3] - pixel[2]) * dy : C(0);
  }

 private:
  // The pixel before a place on an axis of `size` pixels, and the distance from it.
  static int64_t clamp(C place, int64_t size, C& distance, bool& moves) {
    moves = place >= C(0) && place < C(size - 1);
    if (place <= C(0)) place = 0;
    if (place >= C(size - 1)) place = C(size - 1);
    const int64_t before = int64_t(place);
    distance = place - C(before);
    return before;
  }
};

}  // namespace treadle::ops
