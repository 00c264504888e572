// What the operators of this folder have in common: two arrays that are repeated along axes of
// extent 1 until they have one shape.
#pragma once

#include "treadle/graph/gradient.h"
#include "treadle/operators/broadcast/broadcast_shape.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/elementwise/functors.h"
#include "treadle/operators/reduce.h"

namespace treadle::ops {

struct Broadcast {
  static constexpr auto inputs = names("lhs", "rhs");
  static void infer_shape(const NoParams&, ShapeInference& s) { infer_broadcast_shape(s); }

  template <DeviceKind D, class F>
  static void apply(Call<D>& call, const F& functor) {
    const Shape& shape = call.write(out(0)).shape();
    elementwise(call, out(0), functor,
                Viewed(in(0), broadcast_axes(call.read(in(0)).shape(), shape)),
                Viewed(in(1), broadcast_axes(call.read(in(1)).shape(), shape)));
  }
  // The gradient of input `i`: the sum of what arrives at its repetitions.
  template <DeviceKind D, class F, class... Inputs>
  static void add_up(Call<D>& call, int i, const F& functor, const Inputs&... inputs) {
    const Shape& shape = call.read(out_grad(0)).shape();
    const Shape kept = with_leading_ones(call.write(in_grad(i)).shape(), shape.ndim());
    reduce(call, in_grad(i), shape, kept, Fold::sum, functor, inputs...);
  }
};

// F of both; DL(dy, a, b) and DR(dy, a, b) are what arrives at either.
template <class F, class DL, class DR>
struct BroadcastWithGradient : Broadcast {
  static constexpr TypeSet types = F::types;
  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    apply(call, F());
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    const Shape& shape = call.read(out_grad(0)).shape();
    const Viewed lhs(in(0), broadcast_axes(call.read(in(0)).shape(), shape));
    const Viewed rhs(in(1), broadcast_axes(call.read(in(1)).shape(), shape));
    add_up(call, 0, DL(), out_grad(0), lhs, rhs);
    add_up(call, 1, DR(), out_grad(0), lhs, rhs);
  }
};
// The same with DL(dy) and DR(dy).
template <class F, class DL, class DR>
struct BroadcastLinear : Broadcast {
  static constexpr bool is_linear = true;
  static constexpr TypeSet types = numeric_types;
  static constexpr auto backward_reads = reads(out_grad(0));
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    apply(call, F());
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    add_up(call, 0, DL(), out_grad(0));
    add_up(call, 1, DR(), out_grad(0));
  }
};
// Comparisons: 1 or 0, with gradient 0.
template <class F>
struct BroadcastFlat : Broadcast {
  static constexpr TypeSet types = F::types;
  static constexpr bool zero_gradient = true;
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    apply(call, F());
  }
};

}  // namespace treadle::ops
