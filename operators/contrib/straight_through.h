// Functions of steps through which the gradient passes as if they were the identity.
#pragma once

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {

template <class F>
struct StraightThrough : Unary {
  static constexpr TypeSet types = floating_types;

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), F(), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
  }
};

}  // namespace treadle::ops
