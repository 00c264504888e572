#include "treadle/operators/nn/softmax_loops.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/math.h"

namespace treadle::ops {
namespace {

// Columns that are worked on side by side, and partial sums of a row: a fixed number, so that the
// order of additions is.
constexpr int lanes = 16;

template <class T>
using ComputedIn = std::conditional_t<std::is_same_v<T, f16> || std::is_same_v<T, bf16>, float, T>;

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

template <bool adds, class T, class C>
inline void put(T& place, C value) {
  if constexpr (adds) value += C(place);
  place = T(value);
}

// Elements of a row that wait in a buffer, for loops that are simple enough for vector
// instructions.
constexpr int64_t tile = 256;

// Sum of g(i) over [0, n) in `lanes` partial sums.
template <class C, class G>
inline C sum_of(int64_t n, const G& g) {
  C sum[lanes] = {}, values[tile];
  for (int64_t first = 0; first < n; first += tile) {
    const int64_t count = std::min(tile, n - first);
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < count; ++i) values[i] = g(first + i);
    for (int64_t i = count; i % lanes != 0; ++i) values[i] = C(0);
    for (int64_t i = 0; i < count; i += lanes) {
      for (int k = 0; k < lanes; ++k) sum[k] += values[i + k];
    }
  }
  C total = 0;
  for (int k = 0; k < lanes; ++k) total += sum[k];
  return total;
}

// NaN and infinities need no care: they make their whole row NaN in the exponential.
template <class C>
inline C larger(C a, C b) {
  return a < b ? b : a;
}

template <class C, class T>
inline C top_of(const T* x, int64_t n, C sign) {
  C top[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<C>::infinity());
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) top[k] = larger(top[k], sign * C(x[i + k]));
  }
  C highest = -std::numeric_limits<C>::infinity();
  for (int64_t i = whole; i < n; ++i) highest = larger(highest, sign * C(x[i]));
  for (int k = 0; k < lanes; ++k) highest = larger(highest, top[k]);
  return highest;
}

// One row of `n` classes side by side.
template <bool adds, class C, class T>
inline void forward_row(const SoftmaxShape& s, const T* x, T* y, int64_t n) {
  const C sign = s.kind == SoftmaxKind::softmin ? C(-1) : C(1), scale = C(1 / s.temperature);
  const C top = top_of(x, n, sign);
  const auto score = [&](int64_t i) { return (sign * C(x[i]) - top) * scale; };
  const auto exponential = [&](int64_t i) { return math::exp(score(i)); };
  if (s.kind == SoftmaxKind::log_softmax) {
    const C offset = std::log(sum_of<C>(n, exponential));
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put<adds>(y[i], score(i) - offset);
  } else if constexpr (adds || !std::is_same_v<T, C>) {
    const C share = C(1) / sum_of<C>(n, exponential);
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put<adds>(y[i], exponential(i) * share);
  } else {  // the exponentials wait in y
    C sum[lanes] = {};
    const auto block = [&](const T* from, T* to) {
      TREADLE_INDEPENDENT
      for (int k = 0; k < lanes; ++k) to[k] = math::exp((sign * from[k] - top) * scale);
    };
    const int64_t whole = n / lanes * lanes, rest = n - whole;
    for (int64_t i = 0; i < whole; i += lanes) {
      block(x + i, y + i);
      for (int k = 0; k < lanes; ++k) sum[k] += y[i + k];
    }
    if (rest > 0) {
      T last[lanes];  // filled up, for the same instructions
      std::fill_n(last, lanes, x[whole]);
      std::copy_n(x + whole, rest, last);
      block(last, last);
      for (int64_t k = 0; k < rest; ++k) sum[k] += y[whole + k] = last[k];
    }
    C total = 0;
    for (int k = 0; k < lanes; ++k) total += sum[k];
    const C share = C(1) / total;
    for (int64_t i = 0; i < n; ++i) y[i] *= share;
  }
}

// `width` neighbouring columns; consecutive classes lie `pitch` apart.
template <bool adds, class C, class T>
inline void forward_columns(const SoftmaxShape& s, const T* x, T* y, int64_t classes, int64_t pitch,
                            int width) {
  const C sign = s.kind == SoftmaxKind::softmin ? C(-1) : C(1), scale = C(1 / s.temperature);
  C top[lanes], sum[lanes] = {}, offset[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<C>::infinity());
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) top[k] = larger(top[k], sign * C(x[c * pitch + k]));
  }
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) {
      sum[k] += math::exp((sign * C(x[c * pitch + k]) - top[k]) * scale);
    }
  }
  // The choice stays outside of the loops: inside, they would not become vector instructions.
  const auto write = [&](const auto& value) {
    for (int64_t c = 0; c < classes; ++c) {
      const T* const from = x + c * pitch;
      T* const to = y + c * pitch;
      TREADLE_INDEPENDENT
      for (int k = 0; k < width; ++k) {
        put<adds>(to[k], value((sign * C(from[k]) - top[k]) * scale, k));
      }
    }
  };
  if (s.kind == SoftmaxKind::log_softmax) {
    for (int k = 0; k < width; ++k) offset[k] = math::log(sum[k]);
    write([&](C score, int k) { return score - offset[k]; });
  } else {
    for (int k = 0; k < width; ++k) offset[k] = C(1) / sum[k];
    write([&](C score, int k) { return math::exp(score) * offset[k]; });
  }
}

// Rows of no more classes than this are worked on as columns, in a buffer where they lie like that:
// alone they would be too short for vector instructions.
constexpr int64_t few_classes = 32;

// `count` <= lanes rows of few classes.
template <bool adds, class C, class T>
inline void forward_rows(const SoftmaxShape& s, const T* x, T* y, int64_t count) {
  const int64_t classes = s.layout.classes;
  alignas(64) C turned[few_classes * lanes];
  for (int64_t c = 0; c < classes; ++c) {
    for (int64_t k = 0; k < lanes; ++k) {
      turned[c * lanes + k] = k < count ? C(x[k * classes + c]) : C(0);
    }
  }
  forward_columns<false, C>(s, turned, turned, classes, lanes, lanes);
  for (int64_t k = 0; k < count; ++k) {
    for (int64_t c = 0; c < classes; ++c) put<adds>(y[k * classes + c], turned[c * lanes + k]);
  }
}

template <bool adds, class T>
inline void backward_row(const SoftmaxShape& s, const T* dy, const T* y, T* dx, int64_t n) {
  const T scale = T((s.kind == SoftmaxKind::softmin ? -1 : 1) / s.temperature);
  if (s.kind == SoftmaxKind::log_softmax) {
    const T sum = sum_of<T>(n, [&](int64_t i) { return dy[i]; });
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put<adds>(dx[i], (dy[i] - math::exp(y[i]) * sum) * scale);
  } else {
    const T sum = sum_of<T>(n, [&](int64_t i) { return dy[i] * y[i]; });
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) put<adds>(dx[i], y[i] * (dy[i] - sum) * scale);
  }
}

template <bool adds, class T>
inline void backward_columns(const SoftmaxShape& s, const T* dy, const T* y, T* dx, int64_t classes,
                             int64_t pitch, int width) {
  const T scale = T((s.kind == SoftmaxKind::softmin ? -1 : 1) / s.temperature);
  T sum[lanes] = {};
  const auto visit = [&](const auto& part, const auto& value) {
    for (int64_t i = 0; i < classes * pitch; i += pitch) {
      for (int k = 0; k < width; ++k) sum[k] += part(i + k);
    }
    for (int64_t i = 0; i < classes * pitch; i += pitch) {
      TREADLE_INDEPENDENT
      for (int k = 0; k < width; ++k) put<adds>(dx[i + k], value(i + k, k) * scale);
    }
  };
  if (s.kind == SoftmaxKind::log_softmax) {
    visit([&](int64_t i) { return dy[i]; },
          [&](int64_t i, int k) { return dy[i] - math::exp(y[i]) * sum[k]; });
  } else {
    visit([&](int64_t i) { return dy[i] * y[i]; },
          [&](int64_t i, int k) { return y[i] * (dy[i] - sum[k]); });
  }
}

// One column of which `length` classes count; the others become 0.
template <bool adds, class T, class Row>
void with_length(int64_t length, int64_t classes, int64_t pitch, T* to, const Row& row) {
  if (length > 0) row(length);
  for (int64_t c = length; c < classes && !adds; ++c) to[c * pitch] = T(0);
}

template <bool adds, class T>
void forward(Pool& pool, const SoftmaxShape& s, const T* x, T* y) {
  using C = ComputedIn<T>;
  const int64_t classes = s.layout.classes, pitch = s.layout.inner;
  if (pitch == 1 && classes <= few_classes && s.lengths.empty()) {
    const int64_t blocks = (s.layout.outer + lanes - 1) / lanes;
    const int64_t grain = std::max<int64_t>(1, 8192 / (lanes * std::max<int64_t>(1, classes)));
    return pool.parallel_for(0, blocks, grain, [&](int64_t begin, int64_t end) {
      run_for_best_isa([&] {
        for (int64_t i = begin * lanes; i < std::min(end * lanes, s.layout.outer); i += lanes) {
          const int64_t count = std::min<int64_t>(lanes, s.layout.outer - i);
          forward_rows<adds, C>(s, x + i * classes, y + i * classes, count);
        }
      });
    });
  }
  for_each_block(pool, s, [&](int64_t first, int width, const int64_t* lengths) {
    const T* const from = x + first;
    T* const to = y + first;
    if (!lengths) {
      if (pitch == 1) return forward_row<adds, C>(s, from, to, classes);
      // A width that is known makes whole vectors.
      if (width == lanes) return forward_columns<adds, C>(s, from, to, classes, pitch, lanes);
      return forward_columns<adds, C>(s, from, to, classes, pitch, width);
    }
    for (int k = 0; k < width; ++k) {
      with_length<adds>(lengths[k], classes, pitch, to + k, [&](int64_t length) {
        if (pitch == 1) return forward_row<adds, C>(s, from, to, length);
        forward_columns<adds, C>(s, from + k, to + k, length, pitch, 1);
      });
    }
  });
}

template <bool adds, class T>
void backward(Pool& pool, const SoftmaxShape& s, const T* dy, const T* y, T* dx) {
  const int64_t classes = s.layout.classes, pitch = s.layout.inner;
  for_each_block(pool, s, [&](int64_t first, int width, const int64_t* lengths) {
    if (!lengths) {
      if (pitch == 1) return backward_row<adds>(s, dy + first, y + first, dx + first, classes);
      return backward_columns<adds>(s, dy + first, y + first, dx + first, classes, pitch, width);
    }
    for (int k = 0; k < width; ++k) {
      const int64_t at = first + k;
      with_length<adds>(lengths[k], classes, pitch, dx + at, [&](int64_t length) {
        if (pitch == 1) return backward_row<adds>(s, dy + at, y + at, dx + at, length);
        backward_columns<adds>(s, dy + at, y + at, dx + at, length, pitch, 1);
      });
    }
  });
}

}  // namespace

template <class T>
void softmax_forward(Pool& pool, const SoftmaxShape& s, const T* x, T* y, bool adds) {
  adds ? forward<true>(pool, s, x, y) : forward<false>(pool, s, x, y);
}

template <class T>
void softmax_backward(Pool& pool, const SoftmaxShape& s, const T* dy, const T* y, T* dx,
                      bool adds) {
  adds ? backward<true>(pool, s, dy, y, dx) : backward<false>(pool, s, dy, y, dx);
}

#define TREADLE_SOFTMAX_FOR(T) \
  template void softmax_forward<T>(Pool&, const SoftmaxShape&, const T*, T*, bool);
TREADLE_SOFTMAX_FOR(float)
TREADLE_SOFTMAX_FOR(double)
TREADLE_SOFTMAX_FOR(f16)
TREADLE_SOFTMAX_FOR(bf16)
#undef TREADLE_SOFTMAX_FOR

#define TREADLE_SOFTMAX_FOR(T) \
  template void softmax_backward<T>(Pool&, const SoftmaxShape&, const T*, const T*, T*, bool);
TREADLE_SOFTMAX_FOR(float)
TREADLE_SOFTMAX_FOR(double)
#undef TREADLE_SOFTMAX_FOR

}  // namespace treadle::ops
