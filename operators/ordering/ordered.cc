#include "treadle/operators/ordering/ordered.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "treadle/device/pool.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle {
namespace {

template <class T>
bool is_less(T a, T b) {
  if (a != a) return false;
  return b != b || a < b;
}

// Calls move(place in data, place in the picked array) for each picked element.
template <class Move>
void each_picked(RowLayout layout, int64_t k, const std::vector<int64_t>& indices,
                 const Move& move) {
  for (int64_t block = 0; block < layout.outer; ++block) {
    for (int64_t j = 0; j < k; ++j) {
      for (int64_t i = 0; i < layout.length; ++i) {
        const int64_t picked = (block * k + j) * layout.length + i;
        move((block * layout.count + indices[size_t(picked)]) * layout.length + i, picked);
      }
    }
  }
}

// Memory to order one row in, used again for the next.
template <class T>
struct Workspace {
  std::unique_ptr<T[]> row;
  std::vector<int64_t> order;

  explicit Workspace(int64_t count) : row(new T[size_t(count)]), order(size_t(count)) {}
};

template <class T>
void order_row(const T* first, int64_t count, int64_t pitch, int64_t k, bool is_ascend,
               Workspace<T>& work, int64_t* to) {
  auto& [row, order] = work;
  for (int64_t i = 0; i < count; ++i) row[size_t(i)] = first[i * pitch];
  std::iota(order.begin(), order.end(), int64_t(0));
  const T* const values = row.get();
  // The place decides between equal elements, so that the order is a total one.
  const auto before = [&](int64_t a, int64_t b) {
    const T x = values[a], y = values[b];
    if (is_ascend ? is_less(x, y) : is_less(y, x)) return true;
    if (is_ascend ? is_less(y, x) : is_less(x, y)) return false;
    return a < b;
  };
  if (k * 8 > count) {
    std::sort(order.begin(), order.end(), before);
  } else {
    std::partial_sort(order.begin(), order.begin() + k, order.end(), before);
  }
  for (int64_t j = 0; j < k; ++j) to[j * pitch] = order[size_t(j)];
}

}  // namespace

std::vector<int64_t> first_in_order(const Tensor& data, RowLayout layout, int64_t k, bool is_ascend,
                                    Pool& pool) {
  std::vector<int64_t> made(size_t(layout.outer * k * layout.length));
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const int64_t grain = std::max<int64_t>(1, 4096 / std::max<int64_t>(1, layout.count));
    const int64_t rows = layout.outer * layout.length;
    pool.parallel_for(0, rows, grain, [&](int64_t begin, int64_t end) {
      Workspace<T> work(layout.count);
      for (int64_t row = begin; row < end; ++row) {
        const int64_t block = row / layout.length, column = row % layout.length;
        order_row(data.as<T>() + block * layout.count * layout.length + column, layout.count,
                  layout.length, k, is_ascend, work,
                  &made[size_t(block * k * layout.length + column)]);
      }
    });
  });
  return made;
}

RowLayout layout_along(const Shape& data, std::optional<int> axis) {
  if (!axis) return {1, data.elements(), 1};
  const int k = *axis < 0 ? *axis + data.ndim() : *axis;
  return {data.elements(0, k), data[k], data.elements(k + 1, data.ndim())};
}

Shape ordered_shape(const ShapeInference& s, std::optional<int> axis, int64_t k) {
  const Shape& data = s.shape(in(0));
  const int n = axis ? checked_axis(s, "axis", *axis, data) : 0;
  if (!axis && !s.is_known(in(0))) return {};
  const int64_t extent = axis ? data[n] : data.elements();
  if (extent != 0 && k > extent) {
    s.fail(concat("k is ", k, ", but data has shape ", data, "; at most ", extent,
                  " elements can be chosen."));
  }
  if (!axis) return Shape{k > 0 ? k : extent};
  Shape made = data;
  if (k > 0) made[n] = k;
  return made;
}

void write_indices(const std::vector<int64_t>& indices, const Tensor& to, Request request) {
  if (request == Request::null) return;
  with_type(to.type(), [&](auto value) {
    using T = decltype(value);
    T* const place = to.as<T>();
    for (size_t i = 0; i < indices.size(); ++i) {
      place[i] = request == Request::add ? T(place[i] + T(indices[i])) : T(indices[i]);
    }
  });
}

void pick_ordered(const Tensor& data, RowLayout layout, int64_t k,
                  const std::vector<int64_t>& indices, const Tensor& picked, Request request) {
  if (request == Request::null) return;
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = data.as<T>();
    T* const to = picked.as<T>();
    each_picked(layout, k, indices, [&](int64_t place, int64_t i) {
      to[i] = request == Request::add ? T(to[i] + from[place]) : from[place];
    });
  });
}

void place_ordered(const Tensor& picked, RowLayout layout, int64_t k,
                   const std::vector<int64_t>& indices, const Tensor& data, Request request) {
  if (request == Request::null) return;
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = picked.as<T>();
    T* const to = data.as<T>();
    each_picked(layout, k, indices, [&](int64_t place, int64_t i) {
      to[place] = request == Request::add ? T(to[place] + from[i]) : from[i];
    });
  });
}

std::string refuse_index_type(DType type, int64_t extent) {
  int64_t highest = INT64_MAX;
  switch (type) {
    case DType::u8: highest = 256; break;
    case DType::i8: highest = 128; break;
    case DType::bf16: highest = 1 << 8; break;
    case DType::f16: highest = 1 << 11; break;
    case DType::f32: highest = 1 << 24; break;
    default: break;
  }
  if (extent <= highest) return {};
  return concat("dtype ", type, " cannot number ", extent,
                " elements exactly; int32 or int64 is expected");
}

}  // namespace treadle
