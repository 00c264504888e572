// What the updates of LAMB (You et al., 2019) share.
#pragma once

#include <algorithm>
#include <cmath>

#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {

struct LambDirectionParams {
  float beta1 = 0.9f;
  float beta2 = 0.999f;
  float epsilon = 1e-6f;
  int t = 0;
  bool bias_correction = true;
  float wd = 0;
  float rescale_grad = 1;
  float clip_gradient = -1;
  static constexpr auto fields = reflect(
      field("beta1", &LambDirectionParams::beta1, "Decay of the mean."),
      field("beta2", &LambDirectionParams::beta2, "Decay of the squares."),
      field("epsilon", &LambDirectionParams::epsilon, "Keeps the divisor from 0."),
      field("t", &LambDirectionParams::t, required, at_least(1), "Number of the step, from 1."),
      field("bias_correction", &LambDirectionParams::bias_correction,
            "Make up for averages that begin at 0."),
      field("wd", &LambDirectionParams::wd, required, "Weight decay."),
      field("rescale_grad", &LambDirectionParams::rescale_grad, "Factor of the gradient."),
      field("clip_gradient", &LambDirectionParams::clip_gradient,
            "Bound of the gradient's size; negative: none."));
};

struct LambStepParams {
  float lr = 0;
  float lower_bound = -1;
  float upper_bound = -1;
  static constexpr auto fields =
      reflect(field("lr", &LambStepParams::lr, required, "Learning rate."),
              field("lower_bound", &LambStepParams::lower_bound,
                    "Least norm of the weight; negative: none."),
              field("upper_bound", &LambStepParams::upper_bound,
                    "Largest norm of the weight; negative: none."));
};

// The direction of a step: that of Adam with weight decay.
struct LambDirection {
  float beta1, beta2, epsilon, wd, rescale, clip;
  double first = 1, second = 1;  // what the averages are divided by, since they begin at 0

  // `p` has the parameters that all these operators share; the step is number t.
  template <class Params>
  LambDirection(const Params& p, float decay, int t)
      : beta1(p.beta1),
        beta2(p.beta2),
        epsilon(p.epsilon),
        wd(decay),
        rescale(p.rescale_grad),
        clip(p.clip_gradient) {
    if (!p.bias_correction) return;
    first = 1 - std::pow(double(beta1), double(t));
    second = 1 - std::pow(double(beta2), double(t));
  }

  template <class C>
  C operator()(C weight, C gradient, C (&state)[2]) const {
    const C g = bounded(C(rescale) * gradient, clip);
    state[0] = C(beta1) * state[0] + (C(1) - C(beta1)) * g;
    state[1] = C(beta2) * state[1] + (C(1) - C(beta2)) * g * g;
    const C mean = state[0] / C(first), var = state[1] / C(second);
    return mean / (std::sqrt(var) + C(epsilon)) + C(wd) * weight;
  }
};

// lr * r1 / r2, with the norm r1 of the weight, within bounds where they are not negative, and r2
// of the direction; lr where one of them is 0.
template <class Params>
double lamb_rate(const Params& p, double lr, double r1, double r2) {
  if (p.lower_bound >= 0) r1 = std::max(r1, double(p.lower_bound));
  if (p.upper_bound >= 0) r1 = std::min(r1, double(p.upper_bound));
  return r1 == 0 || r2 == 0 ? lr : lr * r1 / r2;
}

}  // namespace treadle::ops
