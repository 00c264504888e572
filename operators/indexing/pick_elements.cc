#include "treadle/operators/indexing/pick_elements.h"

#include "treadle/operators/dispatch.h"

namespace treadle {
namespace {

template <class Move>
void each_element(RowLayout layout, const std::vector<int64_t>& index, const Move& move) {
  for (int64_t i = 0; i < layout.outer * layout.length; ++i) {
    const int64_t block = i / layout.length, k = i % layout.length;
    move((block * layout.count + index[size_t(i)]) * layout.length + k, i);
  }
}

}  // namespace

void pick_elements(const Tensor& data, RowLayout layout, const std::vector<int64_t>& index,
                   const Tensor& picked, Request request) {
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = data.as<T>();
    T* const to = picked.as<T>();
    each_element(layout, index, [&](int64_t place, int64_t i) {
      to[i] = request == Request::add ? T(to[i] + from[place]) : from[place];
    });
  });
}

void place_elements(const Tensor& picked, RowLayout layout, const std::vector<int64_t>& index,
                    const Tensor& data, Request request) {
  with_type(data.type(), [&](auto value) {
    using T = decltype(value);
    const T* const from = picked.as<T>();
    T* const to = data.as<T>();
    each_element(layout, index, [&](int64_t place, int64_t i) {
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
