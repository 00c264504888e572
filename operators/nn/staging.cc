#include "treadle/operators/nn/staging.h"

#include <algorithm>
#include <type_traits>

#include "treadle/device/pool.h"

namespace treadle {
namespace {

constexpr int64_t copy_grain = 1 << 14;  // elements

// to[outer, column, row] = from[outer, row, column], or += when `adds`.
template <class To, class From>
void copy(Pool& pool, const From* from, To* to, Transpose order, bool adds) {
  const auto put = [adds](To& place, From value) {
    using Sum = std::conditional_t<sizeof(To) == 2, float, To>;
    place = adds ? To(Sum(place) + Sum(value)) : To(Sum(value));
  };
  if (order.is_identity()) {
    pool.parallel_for(0, order.outer * order.rows * order.columns, copy_grain,
                      [&](int64_t begin, int64_t end) {
                        for (int64_t i = begin; i < end; ++i) put(to[i], from[i]);
                      });
    return;
  }
  const int64_t grain = std::max<int64_t>(1, copy_grain / order.rows);
  pool.parallel_for(0, order.outer * order.columns, grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t outer = i / order.columns, column = i % order.columns;
      const From* read = from + outer * order.rows * order.columns + column;
      To* written = to + i * order.rows;
      for (int64_t row = 0; row < order.rows; ++row) put(written[row], read[row * order.columns]);
    }
  });
}

// Calls f with a null pointer of the type that arrays of `type` are stored in.
template <class F>
void with_storage(DType type, F f) {
  switch (type) {
    case DType::f64: return f(static_cast<double*>(nullptr));
    case DType::f16: return f(static_cast<f16*>(nullptr));
    case DType::bf16: return f(static_cast<bf16*>(nullptr));
    default: return f(static_cast<float*>(nullptr));
  }
}

}  // namespace

template <class T>
Staged<T>::Staged(const TensorSpec& spec, Transpose order, ScratchPlan& plan)
    : order_(order), is_copied_(spec.type != dtype_of<T> || !order.is_identity()) {
  if (order.is_identity()) order_ = {spec.shape.elements(), 1, 1};
  if (is_copied_) offset_ = plan.add<T>(spec.shape.elements());
}

template <class T>
const T* Staged<T>::load(Pool& pool, const Tensor& from, void* scratch) const {
  if (!is_copied_) return from.as<const T>();
  T* const to = piece_of<T>(scratch, offset_);
  with_storage(from.type(), [&](auto* storage) {
    using Stored = std::remove_pointer_t<decltype(storage)>;
    copy(pool, from.as<const Stored>(), to, order_, false);
  });
  return to;
}

template <class T>
T* Staged<T>::target(const Tensor& to, void* scratch) const {
  return is_copied_ ? piece_of<T>(scratch, offset_) : to.as<T>();
}

template <class T>
void Staged<T>::store(Pool& pool, const Tensor& to, void* scratch, Request request) const {
  if (!is_copied_) return;
  const Transpose back{order_.outer, order_.columns, order_.rows};
  with_storage(to.type(), [&](auto* storage) {
    using Stored = std::remove_pointer_t<decltype(storage)>;
    copy(pool, piece_of<const T>(scratch, offset_), to.as<Stored>(), back, request == Request::add);
  });
}

template class Staged<float>;
template class Staged<double>;

}  // namespace treadle
