#include "treadle/operators/reduce/arg_extreme.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

template <bool is_largest, class T>
bool goes_before(T a, T b) {
  if (b != b) return false;
  return a != a || (is_largest ? a > b : a < b);
}

// Columns that are searched side by side.
constexpr int64_t width = 64;

template <bool is_largest, class T>
void search(const T* data, T* place, int64_t outer, int64_t count, int64_t inner, bool adds,
            Pool& pool) {
  const int64_t blocks = (inner + width - 1) / width;
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / (count * std::min(inner, width)));
  pool.parallel_for(0, outer * blocks, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i % blocks * width, used = std::min(width, inner - first);
      const T* const column = data + i / blocks * count * inner + first;
      T best[width];
      int64_t index[width] = {};
      std::copy_n(column, used, best);
      for (int64_t k = 1; k < count; ++k) {
        for (int64_t j = 0; j < used; ++j) {
          const T value = column[k * inner + j];
          if (!goes_before<is_largest>(value, best[j])) continue;
          best[j] = value;
          index[j] = k;
        }
      }
      T* const to = place + i / blocks * inner + first;
      for (int64_t j = 0; j < used; ++j) {
        const T found = T(index[j]);
        to[j] = adds ? T(to[j] + found) : found;
      }
    }
  });
}

}  // namespace

void arg_extreme(const Tensor& data, const Tensor& place, std::optional<int> axis, bool is_largest,
                 Request request, Pool& pool) {
  if (request == Request::null || place.elements() == 0) return;
  const Shape& shape = data.shape();
  int64_t outer = 1, count = shape.elements(), inner = 1;
  if (axis) {
    const int k = *axis < 0 ? *axis + shape.ndim() : *axis;
    outer = shape.elements(0, k);
    count = shape[k];
    inner = shape.elements(k + 1, shape.ndim());
  }
  const bool adds = request == Request::add;
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    is_largest ? search<true>(data.as<T>(), place.as<T>(), outer, count, inner, adds, pool)
               : search<false>(data.as<T>(), place.as<T>(), outer, count, inner, adds, pool);
  });
}

void infer_arg_extreme(ShapeInference& s, std::optional<int> axis, bool keepdims) {
  const Shape& data = s.shape(in(0));
  // One axis is the only one, whatever number it is given.
  const bool chooses = axis && data.ndim() != 1;
  if (axis && !data.empty()) checked_axis(s, "axis", *axis, data);
  infer_reduced_shape(s, chooses ? std::optional(Shape{*axis}) : std::nullopt, keepdims, false);
}

std::string refuse_arg_extreme(const KernelQuery& query) {
  if (query.inputs[0].shape.elements() > 0 || query.outputs[0].shape.elements() == 0) return {};
  return concat("data of shape ", query.inputs[0].shape, " has no element to choose");
}

}  // namespace treadle
