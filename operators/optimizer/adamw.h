// What the updates of AdamW (Loshchilov and Hutter, 2019) share.
#pragma once

#include <cmath>

#include "treadle/operators/input_order.h"
#include "treadle/operators/number_at.h"
#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {

// Adam with a decay of its own: weight - eta * (lr * mean / (sqrt(var) + epsilon) + wd * weight).
struct AdamwRule {
  float lr, eta, wd, beta1, beta2, epsilon, rescale, clip;

  template <class C>
  C operator()(C weight, C gradient, C (&state)[2]) const {
    // A scale of gradients that is no number to scale by, as after an overflow, leaves all alone.
    if (!std::isfinite(rescale) || rescale == 0) return weight;
    const C g = bounded(C(rescale) * gradient, clip);
    state[0] = C(beta1) * state[0] + (C(1) - C(beta1)) * g;
    state[1] = C(beta2) * state[1] + (C(1) - C(beta2)) * g * g;
    const C step = C(lr) * state[0] / (std::sqrt(state[1]) + C(epsilon));
    return weight - C(eta) * (step + C(wd) * weight);
  }
};

struct AdamwParams {
  float lr = 0;
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-8f;
  float wd = 0;
  float eta = 0;
  float clip_gradient = -1;
  static constexpr auto fields =
      reflect(field("lr", &AdamwParams::lr, required, "Learning rate."),
              field("beta1", &AdamwParams::beta1, "Decay of the mean."),
              field("beta2", &AdamwParams::beta2, "Decay of the squares."),
              field("epsilon", &AdamwParams::epsilon, "Keeps the divisor from 0."),
              field("wd", &AdamwParams::wd, "Weight decay."),
              field("eta", &AdamwParams::eta, required, "Factor of the whole step."),
              field("clip_gradient", &AdamwParams::clip_gradient,
                    "Bound of the gradient's size; negative: none."));

  // The factor of gradients is the last input.
  template <DeviceKind D>
  AdamwRule rule(const Call<D>& call) const {
    return {lr,           eta, wd, beta1, beta2, epsilon, float(number_at(call.read(in(2)), 0)),
            clip_gradient};
  }
};

// Everything has the shape of the weight, but rescale_grad is one number.
template <int States>
struct AdamwShapes : UpdateShapes<States> {
  static constexpr auto inputs = names("weight", "grad", "rescale_grad");
  static void infer_shape(const AdamwParams& p, ShapeInference& s) {
    UpdateShapes<States>::infer_shape(p, s);
    s.set(in(2), {1}, "the factor of gradients is one number");
  }
};

}  // namespace treadle::ops
