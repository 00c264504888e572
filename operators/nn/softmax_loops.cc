#include "treadle/operators/nn/softmax_loops.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/math.h"

namespace treadle::ops {
namespace {

// Columns that are worked on side by side, and partial sums of a row: a fixed number, so that the
// order of additions is.
constexpr int lanes = 16;

// Calls f(first, count, pitch, inner columns, lengths) for blocks of columns, in parallel.
template <class F>
void for_each_block(Pool& pool, const SoftmaxShape& s, const F& f) {
  const ClassLayout& n = s.layout;
  const int64_t plane = n.classes * n.inner;
  const int64_t blocks = (n.inner + lanes - 1) / lanes;
  const int64_t grain = std::max<int64_t>(
      1, 8192 / std::max<int64_t>(1, n.classes * std::min<int64_t>(lanes, n.inner)));
  pool.parallel_for(0, n.outer * blocks, grain, [&](int64_t begin, int64_t end) {
    run_for_best_isa([&] {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t o = i / blocks, j = i % blocks * lanes;
        const int width = int(std::min<int64_t>(lanes, n.inner - j));
        const int64_t* lengths = s.lengths.empty() ? nullptr : &s.lengths[size_t(o * n.inner + j)];
        f(o * plane + j, width, lengths);
      }
    });
  });
}

template <class T>
inline void put(T& place, T value, bool adds) {
  place = adds ? place + value : value;
}

// Sum of g(i) over [0, n) in `lanes` partial sums.
template <class T, class G>
inline T sum_of(int64_t n, const G& g) {
  T sum[lanes] = {};
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) sum[k] += g(i + k);
  }
  T total = 0;
  for (int64_t i = whole; i < n; ++i) total += g(i);
  for (int k = 0; k < lanes; ++k) total += sum[k];
  return total;
}

template <class T>
inline T top_of(const T* x, int64_t n, T sign) {
  T top[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<T>::infinity());
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) {
      const T value = sign * x[i + k];
      top[k] = top[k] < value ? value : top[k];
    }
  }
  T highest = -std::numeric_limits<T>::infinity();
  for (int64_t i = whole; i < n; ++i) highest = std::max(highest, sign * x[i]);
  for (int k = 0; k < lanes; ++k) highest = std::max(highest, top[k]);
  return highest;
}

// One row of `n` classes side by side.
template <class T>
inline void forward_row(const SoftmaxShape& s, const T* x, T* y, int64_t n, bool adds) {
  const T sign = s.kind == SoftmaxKind::softmin ? T(-1) : T(1), scale = T(1 / s.temperature);
  const T top = top_of(x, n, sign);
  const auto score = [&](int64_t i) { return (sign * x[i] - top) * scale; };
  const T sum = sum_of<T>(n, [&](int64_t i) { return math::exp(score(i)); });
  if (s.kind == SoftmaxKind::log_softmax) {
    const T offset = std::log(sum);
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put(y[i], score(i) - offset, adds);
  } else {
    const T share = T(1) / sum;
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put(y[i], math::exp(score(i)) * share, adds);
  }
}

// `width` neighbouring columns; consecutive classes lie `pitch` apart.
template <class T>
inline void forward_columns(const SoftmaxShape& s, const T* x, T* y, int64_t classes, int64_t pitch,
                            int width, bool adds) {
  const T sign = s.kind == SoftmaxKind::softmin ? T(-1) : T(1), scale = T(1 / s.temperature);
  T top[lanes], sum[lanes] = {}, offset[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<T>::infinity());
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) top[k] = std::max(top[k], sign * x[c * pitch + k]);
  }
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) sum[k] += math::exp((sign * x[c * pitch + k] - top[k]) * scale);
  }
  const bool is_log = s.kind == SoftmaxKind::log_softmax;
  for (int k = 0; k < width; ++k) offset[k] = is_log ? std::log(sum[k]) : T(1) / sum[k];
  for (int64_t c = 0; c < classes; ++c) {
    const T* const from = x + c * pitch;
    T* const to = y + c * pitch;
    TREADLE_INDEPENDENT
    for (int k = 0; k < width; ++k) {
      const T score = (sign * from[k] - top[k]) * scale;
      put(to[k], is_log ? score - offset[k] : math::exp(score) * offset[k], adds);
    }
  }
}

template <class T>
inline void backward_row(const SoftmaxShape& s, const T* dy, const T* y, T* dx, int64_t n,
                         bool adds) {
  const T scale = T((s.kind == SoftmaxKind::softmin ? -1 : 1) / s.temperature);
  if (s.kind == SoftmaxKind::log_softmax) {
    const T sum = sum_of<T>(n, [&](int64_t i) { return dy[i]; });
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put(dx[i], (dy[i] - math::exp(y[i]) * sum) * scale, adds);
  } else {
    const T sum = sum_of<T>(n, [&](int64_t i) { return dy[i] * y[i]; });
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put(dx[i], y[i] * (dy[i] - sum) * scale, adds);
  }
}

template <class T>
inline void backward_columns(const SoftmaxShape& s, const T* dy, const T* y, T* dx, int64_t classes,
                             int64_t pitch, int width, bool adds) {
  const T scale = T((s.kind == SoftmaxKind::softmin ? -1 : 1) / s.temperature);
  const bool is_log = s.kind == SoftmaxKind::log_softmax;
  T sum[lanes] = {};
  for (int64_t i = 0; i < classes * pitch; i += pitch) {
    for (int k = 0; k < width; ++k) sum[k] += is_log ? dy[i + k] : dy[i + k] * y[i + k];
  }
  for (int64_t i = 0; i < classes * pitch; i += pitch) {
    TREADLE_INDEPENDENT
    for (int k = 0; k < width; ++k) {
      const T value =
          is_log ? dy[i + k] - math::exp(y[i + k]) * sum[k] : y[i + k] * (dy[i + k] - sum[k]);
      put(dx[i + k], value * scale, adds);
    }
  }
}

// One column of which `length` classes count; the others become 0.
template <class T, class Row>
void with_length(int64_t length, int64_t classes, int64_t pitch, T* to, bool adds, const Row& row) {
  if (length > 0) row(length);
  for (int64_t c = length; c < classes && !adds; ++c) to[c * pitch] = T(0);
}

}  // namespace

template <class T>
void softmax_forward(Pool& pool, const SoftmaxShape& s, const T* x, T* y, bool adds) {
  const int64_t classes = s.layout.classes, pitch = s.layout.inner;
  for_each_block(pool, s, [&](int64_t first, int width, const int64_t* lengths) {
    const T* const from = x + first;
    T* const to = y + first;
    if (!lengths) {
      if (pitch == 1) return forward_row(s, from, to, classes, adds);
      return forward_columns(s, from, to, classes, pitch, width, adds);
    }
    for (int k = 0; k < width; ++k) {
      with_length(lengths[k], classes, pitch, to + k, adds, [&](int64_t length) {
        if (pitch == 1) return forward_row(s, from, to, length, adds);
        forward_columns(s, from + k, to + k, length, pitch, 1, adds);
      });
    }
  });
}

template <class T>
void softmax_backward(Pool& pool, const SoftmaxShape& s, const T* dy, const T* y, T* dx,
                      bool adds) {
  const int64_t classes = s.layout.classes, pitch = s.layout.inner;
  for_each_block(pool, s, [&](int64_t first, int width, const int64_t* lengths) {
    if (!lengths) {
      if (pitch == 1) return backward_row(s, dy + first, y + first, dx + first, classes, adds);
      return backward_columns(s, dy + first, y + first, dx + first, classes, pitch, width, adds);
    }
    for (int k = 0; k < width; ++k) {
      const int64_t at = first + k;
      with_length(lengths[k], classes, pitch, dx + at, adds, [&](int64_t length) {
        if (pitch == 1) return backward_row(s, dy + at, y + at, dx + at, length, adds);
        backward_columns(s, dy + at, y + at, dx + at, length, pitch, 1, adds);
      });
    }
  });
}

#define TREADLE_SOFTMAX_FOR(T)                                                      \
  template void softmax_forward<T>(Pool&, const SoftmaxShape&, const T*, T*, bool); \
  template void softmax_backward<T>(Pool&, const SoftmaxShape&, const T*, const T*, T*, bool);
TREADLE_SOFTMAX_FOR(float)
TREADLE_SOFTMAX_FOR(double)
#undef TREADLE_SOFTMAX_FOR

}  // namespace treadle::ops
