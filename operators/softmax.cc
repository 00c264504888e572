#include "treadle/operators/softmax.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "treadle/core/error.h"
#include "treadle/device/pool.h"
#include "treadle/operators/isa.h"
#include "treadle/operators/math.h"

namespace treadle {
namespace {

// Columns that are worked on side by side, and partial sums of a row: a fixed number, so that the
// order of additions is.
constexpr int lanes = 16;

// NaN and infinities need no care: they make their whole row NaN in the exponential.
template <class C>
C larger(C a, C b) {
  return a < b ? b : a;
}

// One row of `n` classes that lie next to each other.
template <bool adds, class T, class C>
inline void softmax_row(const T* x, T* y, int64_t n) {
  C top[lanes], sum[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<C>::infinity());
  std::fill_n(sum, lanes, C(0));
  const int64_t whole = n / lanes * lanes;
  for (int64_t i = 0; i < whole; i += lanes) {
    for (int k = 0; k < lanes; ++k) top[k] = larger(top[k], C(x[i + k]));
  }
  C highest = -std::numeric_limits<C>::infinity();
  for (int64_t i = whole; i < n; ++i) highest = larger(highest, C(x[i]));
  for (int k = 0; k < lanes; ++k) highest = larger(highest, top[k]);
  // The exponentials wait in y where that loses nothing, and are computed again elsewhere.
  constexpr bool keeps = !adds && std::is_same_v<T, C>;
  C total = 0;
  if constexpr (keeps) {
    TREADLE_INDEPENDENT
    for (int64_t i = 0; i < n; ++i) y[i] = math::exp(x[i] - highest);
    for (int64_t i = 0; i < whole; i += lanes) {
      for (int k = 0; k < lanes; ++k) sum[k] += y[i + k];
    }
    for (int64_t i = whole; i < n; ++i) total += y[i];
  } else {
    for (int64_t i = 0; i < whole; i += lanes) {
      for (int k = 0; k < lanes; ++k) sum[k] += math::exp(C(x[i + k]) - highest);
    }
    for (int64_t i = whole; i < n; ++i) total += math::exp(C(x[i]) - highest);
  }
  for (int k = 0; k < lanes; ++k) total += sum[k];
  const C scale = C(1) / total;
  TREADLE_INDEPENDENT
  for (int64_t i = 0; i < n; ++i) {
    C value = keeps ? C(y[i]) : math::exp(C(x[i]) - highest);
    value *= scale;
    if constexpr (adds) value += C(y[i]);
    y[i] = T(value);
  }
}

// Up to `lanes` neighbouring columns; consecutive classes lie `pitch` apart.
template <bool adds, class T, class C>
inline void softmax_columns(const T* x, T* y, int64_t classes, int64_t pitch, int width) {
  C top[lanes], sum[lanes];
  std::fill_n(top, lanes, -std::numeric_limits<C>::infinity());
  std::fill_n(sum, lanes, C(0));
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) top[k] = larger(top[k], C(x[c * pitch + k]));
  }
  for (int64_t c = 0; c < classes; ++c) {
    for (int k = 0; k < width; ++k) sum[k] += math::exp(C(x[c * pitch + k]) - top[k]);
  }
  for (int64_t c = 0; c < classes; ++c) {
    T* const out = y + c * pitch;
    TREADLE_INDEPENDENT
    for (int k = 0; k < width; ++k) {
      C value = math::exp(C(x[c * pitch + k]) - top[k]) / sum[k];
      if constexpr (adds) value += C(out[k]);
      out[k] = T(value);
    }
  }
}

template <bool adds, class T, class C>
void softmax_as(const T* x, T* y, ClassLayout layout, Pool& pool) {
  const int64_t plane = layout.classes * layout.inner;
  const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, plane));
  pool.parallel_for(0, layout.outer, grain, [&](int64_t begin, int64_t end) {
    run_for_best_isa([&] {
      for (int64_t n = begin; n < end; ++n) {
        const T* from = x + n * plane;
        T* to = y + n * plane;
        if (layout.inner == 1) {
          softmax_row<adds, T, C>(from, to, layout.classes);
          continue;
        }
        for (int64_t j = 0; j < layout.inner; j += lanes) {
          const int width = int(std::min<int64_t>(lanes, layout.inner - j));
          softmax_columns<adds, T, C>(from + j, to + j, layout.classes, layout.inner, width);
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
    using C = decltype(computed);
    const T* const from = static_cast<const T*>(x);
    T* const to = static_cast<T*>(y);
    request == Request::add ? softmax_as<true, T, C>(from, to, layout, pool)
                            : softmax_as<false, T, C>(from, to, layout, pool);
  });
}

void label_gradient(DType type, const void* y, const void* label, const void* dy, void* dx,
                    ClassLayout layout, const LabelGradient& gradient, Pool& pool) {
  with_floating_type(type, [&](auto stored, auto computed) {
    using T = decltype(stored);
    using C = decltype(computed);
    const C scale = C(gradient.scale), target = C(1 - gradient.smoothing);
    const C rest = layout.classes > 1 ? C(gradient.smoothing / double(layout.classes - 1)) : C(0);
    const auto column = [&](int64_t n, int64_t j) {
      const int64_t first = n * layout.classes * layout.inner + j;
      const int64_t wanted = class_of(static_cast<const T*>(label)[n * layout.inner + j]);
      const C used = wanted == gradient.ignored ? C(0) : scale;
      for (int64_t c = 0; c < layout.classes; ++c) {
        const int64_t i = first + c * layout.inner;
        C value = (C(static_cast<const T*>(y)[i]) - (c == wanted ? target : rest)) * used;
        if (dy) value *= C(static_cast<const T*>(dy)[i]);
        static_cast<T*>(dx)[i] = T(value);
      }
    };
    const int64_t plane = layout.classes * layout.inner;
    const int64_t grain = std::max<int64_t>(1, 16384 / std::max<int64_t>(1, plane));
    pool.parallel_for(0, layout.outer, grain, [&](int64_t begin, int64_t end) {
      for (int64_t n = begin; n < end; ++n) {
        for (int64_t j = 0; j < layout.inner; ++j) column(n, j);
      }
    });
  });
}

int64_t count_labels(DType type, const void* label, int64_t count, int64_t wanted) {
  int64_t found = 0;
  with_floating_type(type, [&](auto stored, auto) {
    const auto* labels = static_cast<const decltype(stored)*>(label);
    for (int64_t i = 0; i < count; ++i) found += class_of(labels[i]) == wanted;
  });
  return found;
}

}  // namespace treadle
