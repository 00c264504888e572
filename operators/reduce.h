// reduce(call, out(0), kept, Fold::sum, Square(), in(0)): the loop that reductions, and the
// gradients of everything that repeats an array, share. Numbers are added up in double (integers in
// 64 bits) in an order that depends on shapes alone.
#pragma once

#include <array>

#include "treadle/operators/elementwise.h"

namespace treadle {

// max and min give NaN where one of the elements is NaN.
enum class Fold : uint8_t { sum, product, max, min };

// A fold, and what becomes of its result: it is divided, then its square root is taken.
struct Folding {
  Fold fold = Fold::sum;
  int64_t divisor = 1;
  bool is_root = false;

  constexpr Folding(Fold fold, int64_t divisor = 1, bool is_root = false)  // NOLINT: a fold is one
      : fold(fold), divisor(divisor), is_root(is_root) {}
};

struct Reduction {
  Folding folding = Fold::sum;
  DType type = DType::f32;      // of the inputs
  DType out_type = DType::f32;  // of the output
  Shape shape;                  // what is walked over
  Shape kept;                   // the same with 1 for every axis that is folded
  const TileFunction* map = nullptr;
  const void* functor = nullptr;
  std::array<const void*, 4> inputs = {};
  std::array<Axes, 4> axes;  // each input as an array of `shape`
  void* out = nullptr;
  Request request = Request::write;
};
void run_reduction(const Reduction& reduction, Pool& pool);

namespace detail {
template <DeviceKind D>
void set_reduction_input(const Call<D>& call, Reduction& r, size_t i, Slot slot) {
  r.type = call.read(slot).type();
  r.inputs[i] = call.read(slot).data;
  r.axes[i] = contiguous_axes(r.shape);
}
template <DeviceKind D>
void set_reduction_input(const Call<D>& call, Reduction& r, size_t i, const Viewed& viewed) {
  r.type = call.read(viewed.slot).type();
  r.inputs[i] = call.read(viewed.slot).data;
  r.axes[i] = viewed.axes;
}
}  // namespace detail

// `target`, whose elements are those of `kept`, = fold of functor(inputs...) over all elements of
// `shape` that fall on it. An input is a slot of that shape or a view of as many elements.
template <DeviceKind D, class F, class... Inputs>
void reduce(const Call<D>& call, Target target, const Shape& shape, const Shape& kept, Folding fold,
            const F& functor, const Inputs&... inputs) {
  const Request request = target.forced ? target.request : call.request(target.slot);
  if (request == Request::null) return;
  const Tensor out = call.write(target.slot);
  Reduction r;
  r.folding = fold;
  r.out_type = out.type();
  r.shape = shape;
  r.kept = kept;
  r.map = &detail::tile_function<F, sizeof...(Inputs)>;
  r.functor = &functor;
  r.out = out.data;
  r.request = request;
  size_t i = 0;
  (detail::set_reduction_input(call, r, i++, inputs), ...);
  run_reduction(r, call.pool());
}

// The shape `from` with as many axes as `to`, by axes of extent 1 in front.
Shape with_leading_ones(const Shape& from, int ndim);

}  // namespace treadle
