#include "treadle/operators/softmax.h"

#include <algorithm>
#include <limits>

#include "treadle/core/error.h"
#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/math.h"

namespace treadle {
namespace {

// Columns that are worked on side by side, and partial sums of a row: a fixed number, so that the
// order of additions is.
constexpr int lanes = 16;

template <class C>
C largest(C a, C b) { return a < b || b != b ? b : a; }  // NaN wins

// One row of `n` classes that lie next to each other.
template <class T, class C>
inline void softmax_row(const T* x, T* y, int64_t n, bool adds) {
  C top[lanes], sum[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<C>::infinity());
  std::fill_n(sum, lanes, C(0));
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) top[k] = largest(top[k], C(x[i + k]));
  }
  C highest = -std::numeric_limits<C>::infinity();
  for (int64_t i = whole; i < n; ++i) highest = largest(highest, C(x[i]));
  for (int k = 0; k < lanes; ++k) highest = largest(highest, top[k]);
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) sum[k] += math::exp(C(x[i + k]) - highest);
  }
  C total = 0;
  for (int64_t i = whole; i < n; ++i) total += math::exp(C(x[i]) - highest);
  for (int k = 0; k < lanes; ++k) total += sum[k];
  const C scale = C(1) / total;
  for (int64_t i = 0; i < n; ++i) {
    const C value = math::exp(C(x[i]) - highest) * scale;
    y[i] = T(adds ? C(y[i]) + value : value);
  }
}

// Up to `lanes` neighbouring columns; consecutive classes lie `pitch` apart.
template <class T, class C>
inline void softmax_columns(const T* x, T* y, int64_t classes, int64_t pitch, int width, bool adds) {
  C top[lanes], sum[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<C>::infinity());
  std::fill_n(sum, lanes, C(0));
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) top[k] = largest(top[k], C(x[c * pitch + k]));
  }
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) sum[k] += math::exp(C(x[c * pitch + k]) - top[k]);
  }
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) {
      T& out = y[c * pitch + k];
      const C value = math::exp(C(x[c * pitch + k]) - top[k]) / sum[k];
      out = T(adds ? C(out) + value : value);
    }
  }
}

template <class T, class C>
void softmax_as(const T* x, T* y, ClassLayout layout, bool adds, Pool& pool) {
  const int64_t plane = layout.classes * layout.inner;
  const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, plane));
  pool.parallel_for(0, layout.outer, grain, [&](int64_t begin, int64_t end) {
    run_for_best_isa([&] {
      for (int64_t n = begin; n < end; ++n) {
        const T* from = x + n * plane;
        T* to = y + n * plane;
        if (layout.inner == 1) {
          softmax_row<T, C>(from, to, layout.classes, adds);
          continue;
        }
        for (int64_t j = 0; j < layout.inner; j += lanes) {
          const int width = int(std::min<int64_t>(lanes, layout.inner - j));
          softmax_columns<T, C>(from + j, to + j, layout.classes, layout.inner, width, adds);
        }
      }
    });
  });
}

}  // namespace

void softmax(DType type, const void* x, void* y, ClassLayout layout, Request request, Pool& pool) {
  if (request == Request::null || layout.elements() == 0) return;
  with_floating_type(type, [&](auto stored, auto computed) {
    using T = decltype(stored);
    softmax_as<T, decltype(computed)>(static_cast<const T*>(x), static_cast<T*>(y), layout,
                                      request == Request::add, pool);
  });
}

}  // namespace treadle
