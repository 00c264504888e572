// The rule of nag_mom_update and mp_nag_mom_update.
#pragma once

#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {

struct NagRule {
  float lr, momentum, wd, rescale, clip;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[1]) const {
    const C g = bounded(C(rescale) * gradient, clip) + C(wd) * weight;
    const C kept = C(momentum) * state[0];
    state[0] = kept - C(lr) * g;
    return weight - kept + (C(momentum) + C(1)) * state[0];
  }
};

}  // namespace treadle::ops
