#include "treadle/operators/softmax.h"

#include <algorithm>

#include "treadle/core/error.h"
#include "treadle/device/pool.h"
#include "treadle/operators/nn/softmax_loops.h"

namespace treadle {

void softmax(DType type, const void* x, void* y, ClassLayout layout, Request request, Pool& pool) {
  if (request == Request::null || layout.elements() == 0) return;
  with_floating_type(type, [&](auto stored, auto) {
    using T = decltype(stored);
    ops::softmax_forward(pool, {.layout = layout}, static_cast<const T*>(x), static_cast<T*>(y),
                         request == Request::add);
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
