#include "treadle/operators/indexing/pick_elements.h"

#include <algorithm>

#include "treadle/device/pool.h"
#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

// Indices that are read at a time, and that a piece of a parallel loop has at least.
constexpr int64_t tile = 256, grain = 1 << 13;

// Calls move(place in the data, i) for each index, in parallel: no place is there twice.
template <class Move>
void each_element(RowLayout layout, const Indices& index, Pool& pool, const Move& move) {
  // Before anything is written, and the first one whatever the threads.
  if (index.mode == IndexMode::raise) index.check();
  pool.parallel_for(0, layout.outer * layout.length, grain, [&](int64_t begin, int64_t end) {
    int64_t chosen[tile];
    for (int64_t first = begin; first < end; first += tile) {
      const int64_t count = std::min(tile, end - first);
      index.read(first, count, chosen);
      if (layout.length == 1) {
        for (int64_t i = 0; i < count; ++i) {
          move((first + i) * layout.count + chosen[i], first + i);
        }
        continue;
      }
      for (int64_t i = 0; i < count; ++i) {
        const int64_t block = (first + i) / layout.length, k = (first + i) % layout.length;
        move((block * layout.count + chosen[i]) * layout.length + k, first + i);
      }
    }
  });
}

}  // namespace

void pick_elements(const Tensor& data, RowLayout layout, const Indices& index, const Tensor& picked,
                   Request request, Pool& pool) {
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = data.as<T>();
    T* const to = picked.as<T>();
    each_element(layout, index, pool, [&](int64_t place, int64_t i) {
      to[i] = request == Request::add ? T(to[i] + from[place]) : from[place];
    });
  });
}

void place_elements(const Tensor& picked, RowLayout layout, const Indices& index,
                    const Tensor& data, Request request, Pool& pool) {
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = picked.as<T>();
    T* const to = data.as<T>();
    each_element(layout, index, pool, [&](int64_t place, int64_t i) {
      to[place] = request == Request::add ? T(to[place] + from[i]) : from[i];
    });
  });
}

std::string refuse_pick(const KernelQuery& query, int axis) {
  const Shape& data = query.inputs[0].shape;
  if (data[axis < 0 ? axis + data.ndim() : axis] > 0 || query.inputs[1].shape.elements() == 0) {
    return {};
  }
  return concat("data of shape ", data, " has no element to choose along axis ", axis);
}

}  // namespace treadle
