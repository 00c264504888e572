// The rules of stochastic gradient descent, with and without momentum.
#pragma once

#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {

struct SgdRule {
  float lr, wd, rescale, clip;
  template <class C>
  C operator()(C weight, C gradient, C (&)[1]) const {
    return weight - C(lr) * (bounded(C(rescale) * gradient, clip) + C(wd) * weight);
  }
};

struct SgdMomRule {
  float lr, momentum, wd, rescale, clip;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[1]) const {
    const C g = bounded(C(rescale) * gradient, clip) + C(wd) * weight;
    state[0] = C(momentum) * state[0] - C(lr) * g;
    return weight + state[0];
  }
};

}  // namespace treadle::ops
