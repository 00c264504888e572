// lamb_update_phase1: the direction of a step of LAMB (You et al., 2019).
#include <cmath>

#include "treadle/operators/optimizer/update.h"

namespace treadle::ops {
namespace {

struct LambDirection {
  float beta1, beta2, epsilon, wd, rescale, clip;
  double first, second;  // what the averages are divided by, since they begin at 0
  template <class C>
  C operator()(C weight, C gradient, C (&state)[2]) const {
    const C g = bounded(C(rescale) * gradient, clip);
    state[0] = C(beta1) * state[0] + (C(1) - C(beta1)) * g;
    state[1] = C(beta2) * state[1] + (C(1) - C(beta2)) * g * g;
    const C mean = state[0] / C(first), var = state[1] / C(second);
    return mean / (std::sqrt(var) + C(epsilon)) + C(wd) * weight;
  }
};

struct LambUpdatePhase1 : UpdateShapes<2> {
  static constexpr auto name = "lamb_update_phase1";
  static constexpr auto doc =
      "The direction of a step of LAMB: that of Adam with weight decay, after mean and var have "
      "taken "
      "their share of the gradient and its square.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mean", "var");

  struct Params {
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float epsilon = 1e-6f;
    int t = 0;
    bool bias_correction = true;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    static constexpr auto fields = reflect(
        field("beta1", &Params::beta1, "Decay of the mean."),
        field("beta2", &Params::beta2, "Decay of the squares."),
        field("epsilon", &Params::epsilon, "Keeps the divisor from 0."),
        field("t", &Params::t, required, at_least(1), "Number of the step, from 1."),
        field("bias_correction", &Params::bias_correction, "Make up for averages that begin at 0."),
        field("wd", &Params::wd, required, "Weight decay."),
        field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
        field("clip_gradient", &Params::clip_gradient,
              "Bound of the gradient's size; negative: none."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const auto share = [&](float beta) {
      return p.bias_correction ? 1 - std::pow(double(beta), double(p.t)) : 1.0;
    };
    update<2>(call, LambDirection{p.beta1, p.beta2, p.epsilon, p.wd, p.rescale_grad,
                                  p.clip_gradient, share(p.beta1), share(p.beta2)});
  }
};
TREADLE_REGISTER_OP(LambUpdatePhase1);

}  // namespace
}  // namespace treadle::ops
