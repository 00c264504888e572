#include "treadle/operators/nn/normalization.h"

#include <algorithm>
#include <cmath>

#include "treadle/core/half.h"
#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/store.h"

namespace treadle::ops {
namespace {

// Partial sums of a row, or columns that are worked on side by side: a fixed number, so that the
// order of additions is.
constexpr int lanes = 16;

template <class C, class G>
inline C sum_of(int64_t n, const G& g) {
  C sum[lanes] = {};
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) sum[k] += g(i + k);
  }
  C total = 0;
  for (int64_t i = whole; i < n; ++i) total += g(i);
  for (int k = 0; k < lanes; ++k) total += sum[k];
  return total;
}

template <class T, class C>
void put(const Written<T>& to, int64_t i, C value) {
  if (to.request != Request::null) store(to.data[i], value, to.request);
}

template <class F>
void for_rows(Pool& pool, int64_t rows, int64_t work, const F& f) {
  pool.parallel_for(0, rows, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, work)),
                    [&](int64_t begin, int64_t end) {
                      run_for_best_isa([&] {
                        for (int64_t row = begin; row < end; ++row) f(row);
                      });
                    });
}

template <class C>
struct Moments {
  C mean, deviation;
};
template <class T, class C>
inline Moments<C> moments_of(const T* x, int64_t n, double eps) {
  const C mean = sum_of<C>(n, [&](int64_t i) { return C(x[i]); }) / C(n);
  const C squares = sum_of<C>(n, [&](int64_t i) { return (C(x[i]) - mean) * (C(x[i]) - mean); });
  return {mean, std::sqrt(squares / C(n) + C(eps))};
}

// Up to `lanes` columns of (size, inner), side by side.
template <class T, class C>
inline void forward_columns(const AxisNorm& n, const T* x, const T* gamma, const T* beta,
                            const Written<T>& y, int64_t first, int width, C* mean, C* deviation) {
  for (int k = 0; k < lanes; ++k) mean[k] = deviation[k] = 0;
  const auto each = [&](const auto& f) {
    for (int64_t c = 0; c < n.size; ++c) {
      for (int k = 0; k < width; ++k) f(c, first + c * n.inner + k, k);
    }
  };
  each([&](int64_t, int64_t i, int k) { mean[k] += C(x[i]); });
  for (int k = 0; k < width; ++k) mean[k] /= C(n.size);
  each([&](int64_t, int64_t i, int k) {
    deviation[k] += (C(x[i]) - mean[k]) * (C(x[i]) - mean[k]);
  });
  for (int k = 0; k < width; ++k) deviation[k] = std::sqrt(deviation[k] / C(n.size) + C(n.eps));
  if (y.request == Request::null) return;
  each([&](int64_t c, int64_t i, int k) {
    store(y.data[i], (C(x[i]) - mean[k]) / deviation[k] * C(gamma[c]) + C(beta[c]), y.request);
  });
}

template <class T, class C>
inline void backward_columns(const AxisNorm& n, const T* dy, const T* x, const T* gamma,
                             const T* mean, const T* deviation, const Written<T>& dx, int64_t first,
                             int width) {
  C inverse[lanes], offset[lanes] = {}, slope[lanes] = {};
  for (int k = 0; k < width; ++k) inverse[k] = C(1) / C(deviation[k]);
  const auto each = [&](const auto& f) {
    for (int64_t c = 0; c < n.size; ++c) {
      const int64_t row = first + c * n.inner;
      for (int k = 0; k < width; ++k) {
        f(row + k, k, C(dy[row + k]) * C(gamma[c]), (C(x[row + k]) - C(mean[k])) * inverse[k]);
      }
    }
  };
  each([&](int64_t, int k, C head, C normal) {
    offset[k] += head;
    slope[k] += head * normal;
  });
  for (int k = 0; k < width; ++k) offset[k] /= C(n.size), slope[k] /= C(n.size);
  each([&](int64_t i, int k, C head, C normal) {
    store(dx.data[i], (head - offset[k] - normal * slope[k]) * inverse[k], dx.request);
  });
}

}  // namespace

template <class T, class C>
void axis_norm_forward(Pool& pool, const AxisNorm& n, const T* x, const T* gamma, const T* beta,
                       Written<T> y, Written<T> mean, Written<T> deviation) {
  if (n.inner == 1) {
    for_rows(pool, n.outer, n.size, [&](int64_t row) {
      const T* const from = x + row * n.size;
      const Moments<C> m = moments_of<T, C>(from, n.size, n.eps);
      put(mean, row, m.mean);
      put(deviation, row, m.deviation);
      if (y.request == Request::null) return;
      T* const to = y.data + row * n.size;
      const C inverse = C(1) / m.deviation;
      TREADLE_INDEPENDENT
      for (int64_t c = 0; c < n.size; ++c) {
        store(to[c], (C(from[c]) - m.mean) * inverse * C(gamma[c]) + C(beta[c]), y.request);
      }
    });
    return;
  }
  const int64_t blocks = (n.inner + lanes - 1) / lanes;
  for_rows(pool, n.outer * blocks, n.size * lanes, [&](int64_t block) {
    const int64_t outer = block / blocks, j = block % blocks * lanes;
    const int width = int(std::min<int64_t>(lanes, n.inner - j));
    C means[lanes], deviations[lanes];
    forward_columns<T, C>(n, x, gamma, beta, y, outer * n.size * n.inner + j, width, means,
                          deviations);
    for (int k = 0; k < width; ++k) {
      put(mean, outer * n.inner + j + k, means[k]);
      put(deviation, outer * n.inner + j + k, deviations[k]);
    }
  });
}

template <class T, class C>
void axis_norm_backward(Pool& pool, const AxisNorm& n, const T* dy, const T* x, const T* gamma,
                        const T* mean, const T* deviation, Written<T> dx, Written<T> dgamma,
                        Written<T> dbeta) {
  if (dgamma.request != Request::null || dbeta.request != Request::null) {
    // Each position of the axis is summed by one thread, over its rows in order.
    const int64_t blocks = (n.size + lanes - 1) / lanes;
    for_rows(pool, blocks, n.outer * n.inner * lanes, [&](int64_t block) {
      const int64_t first = block * lanes;
      const int width = int(std::min<int64_t>(lanes, n.size - first));
      // Runs of rows are summed in C and added up in double: there may be very many.
      constexpr int64_t run = 64;
      const int64_t rows = n.outer * n.inner;
      double scale[lanes] = {}, offset[lanes] = {};
      for (int64_t begin = 0; begin < rows; begin += run) {
        C run_scale[lanes] = {}, run_offset[lanes] = {};
        for (int64_t r = begin; r < std::min(rows, begin + run); ++r) {
          const C center = C(mean[r]), inverse = C(1) / C(deviation[r]);
          const int64_t row = (r / n.inner * n.size + first) * n.inner + r % n.inner;
          for (int k = 0; k < width; ++k) {
            const C head = C(dy[row + k * n.inner]);
            run_offset[k] += head;
            run_scale[k] += head * (C(x[row + k * n.inner]) - center) * inverse;
          }
        }
        for (int k = 0; k < width; ++k) {
          scale[k] += double(run_scale[k]);
          offset[k] += double(run_offset[k]);
        }
      }
      for (int k = 0; k < width; ++k) {
        put(dgamma, first + k, C(scale[k]));
        put(dbeta, first + k, C(offset[k]));
      }
    });
  }
  if (dx.request == Request::null) return;
  if (n.inner == 1) {
    for_rows(pool, n.outer, n.size, [&](int64_t row) {
      const T* const head = dy + row * n.size;
      const T* const from = x + row * n.size;
      T* const to = dx.data + row * n.size;
      const C center = C(mean[row]), inverse = C(1) / C(deviation[row]);
      const auto weighted = [&](int64_t c) { return C(head[c]) * C(gamma[c]); };
      const auto normal = [&](int64_t c) { return (C(from[c]) - center) * inverse; };
      const C offset = sum_of<C>(n.size, weighted) / C(n.size);
      const C slope =
          sum_of<C>(n.size, [&](int64_t c) { return weighted(c) * normal(c); }) / C(n.size);
      TREADLE_INDEPENDENT
      for (int64_t c = 0; c < n.size; ++c) {
        store(to[c], (weighted(c) - offset - normal(c) * slope) * inverse, dx.request);
      }
    });
    return;
  }
  const int64_t blocks = (n.inner + lanes - 1) / lanes;
  for_rows(pool, n.outer * blocks, n.size * lanes, [&](int64_t block) {
    const int64_t outer = block / blocks, j = block % blocks * lanes;
    const int64_t at = outer * n.inner + j;
    backward_columns<T, C>(n, dy, x, gamma, mean + at, deviation + at, dx,
                           outer * n.size * n.inner + j,
                           int(std::min<int64_t>(lanes, n.inner - j)));
  });
}

template <class T, class C>
void group_norm_forward(Pool& pool, const GroupNormShape& n, const T* x, const T* gamma,
                        const T* beta, Written<T> y, Written<T> mean, Written<T> deviation) {
  for_rows(pool, n.batch * n.groups, n.size, [&](int64_t row) {
    const T* const from = x + row * n.size;
    const Moments<C> m = moments_of<T, C>(from, n.size, n.eps);
    put(mean, row, m.mean);
    put(deviation, row, m.deviation);
    if (y.request == Request::null) return;
    T* const to = y.data + row * n.size;
    const C scale = C(gamma[row % n.groups]) / m.deviation, offset = C(beta[row % n.groups]);
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n.size; ++i) {
      store(to[i], (C(from[i]) - m.mean) * scale + offset, y.request);
    }
  });
}

template <class T, class C>
void group_norm_backward(Pool& pool, const GroupNormShape& n, const T* dy, const T* x,
                         const T* gamma, const T* mean, const T* deviation, Written<T> dx,
                         Written<T> dgamma, Written<T> dbeta, C* sums) {
  const int64_t rows = n.batch * n.groups;
  for_rows(pool, rows, n.size, [&](int64_t row) {
    const T* const head = dy + row * n.size;
    const T* const from = x + row * n.size;
    const C center = C(mean[row]), inverse = C(1) / C(deviation[row]);
    const auto normal = [&](int64_t i) { return (C(from[i]) - center) * inverse; };
    const C sum = sum_of<C>(n.size, [&](int64_t i) { return C(head[i]); });
    const C product = sum_of<C>(n.size, [&](int64_t i) { return C(head[i]) * normal(i); });
    sums[row] = sum;
    sums[rows + row] = product;
    if (dx.request == Request::null) return;
    T* const to = dx.data + row * n.size;
    const C scale = C(gamma[row % n.groups]) * inverse;
    const C offset = sum / C(n.size), slope = product / C(n.size);
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n.size; ++i) {
      store(to[i], (C(head[i]) - offset - normal(i) * slope) * scale, dx.request);
    }
  });
  for (int64_t g = 0; g < n.groups; ++g) {
    C sum = 0, product = 0;
    for (int64_t row = g; row < rows; row += n.groups)
      sum += sums[row], product += sums[rows + row];
    put(dgamma, g, product);
    put(dbeta, g, sum);
  }
}

#define TREADLE_NORM_FOR(T, C)                                                                    \
  template void axis_norm_forward<T, C>(Pool&, const AxisNorm&, const T*, const T*, const T*,     \
                                        Written<T>, Written<T>, Written<T>);                      \
  template void axis_norm_backward<T, C>(Pool&, const AxisNorm&, const T*, const T*, const T*,    \
                                         const T*, const T*, Written<T>, Written<T>, Written<T>); \
  template void group_norm_forward<T, C>(Pool&, const GroupNormShape&, const T*, const T*,        \
                                         const T*, Written<T>, Written<T>, Written<T>);           \
  template void group_norm_backward<T, C>(Pool&, const GroupNormShape&, const T*, const T*,       \
                                          const T*, const T*, const T*, Written<T>, Written<T>,   \
                                          Written<T>, C*);
TREADLE_NORM_FOR(float, float)
TREADLE_NORM_FOR(double, double)
TREADLE_NORM_FOR(f16, float)
TREADLE_NORM_FOR(bf16, float)
#undef TREADLE_NORM_FOR

}  // namespace treadle::ops
