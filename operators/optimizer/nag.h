// The rule of nag_mom_update and mp_nag_mom_update.
#pragma once

#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {

struct NagRule {
  float lr, momentum, wd, rescale, clip;
  // As in MXNet, a weight that is updated in place decays in the step that is kept by what it has
  // become, not by what it was.
  bool is_in_place = false;

  template <class C>
  C operator()(C weight, C gradient, C (&state)[1]) const {
    const C g = bounded(C(rescale) * gradient, clip);
    const C kept = C(momentum) * state[0];
    state[0] = kept - C(lr) * (g + C(wd) * weight);
    const C made = weight - kept + (C(momentum) + C(1)) * state[0];
    if (is_in_place) state[0] = kept - C(lr) * (g + C(wd) * made);
    return made;
  }
};

}  // namespace treadle::ops
