// What the updates of stochastic gradient descent share.
#pragma once

#include "treadle/operators/elementwise.h"

namespace treadle::ops {

// rescale * gradient, clipped to [-clip, clip] where clip is not negative, plus decay * weight.
struct SgdStep {
  float rescale, clip, decay;

  template <class T>
  TREADLE_HD T operator()(T weight, T gradient) const {
    T step = T(rescale) * gradient;
    if (clip >= 0) {
      const T bound = T(clip);
      step = step > bound ? bound : step < -bound ? -bound : step;
    }
    return step + T(decay) * weight;
  }
};

}  // namespace treadle::ops
