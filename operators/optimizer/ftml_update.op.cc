// ftml_update: one step of Follow the Moving Leader.
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct FtmlRule {
  float lr, beta1, beta2;
  double epsilon;
  int t;
  float wd, rescale, clip;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[3]) const {
    const C g = bounded(C(rescale) * gradient + C(wd) * weight, clip);
    state[1] = C(beta2) * state[1] + (C(1) - C(beta2)) * g * g;
    const C first = C(1) - std::pow(C(beta1), C(t)), second = C(1) - std::pow(C(beta2), C(t));
    const C d = first / C(lr) * (std::sqrt(state[1] / second) + C(epsilon));
    state[2] = C(beta1) * state[2] + (C(1) - C(beta1)) * g - (d - C(beta1) * state[0]) * weight;
    state[0] = d;
    return -state[2] / d;
  }
};

struct FtmlUpdate : UpdateShapes<3> {
  static constexpr auto name = "ftml_update";
  static constexpr auto doc =
      "The weight that follows the moving leader: -z / d (Zheng and Kwok, 2017).";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("d", "v", "z");

  struct Params {
    float lr = 0;
    float beta1 = 0.6f;
    float beta2 = 0.999f;
    double epsilon = 1e-8;
    int t = 0;
    float wd = 0;
    float rescale_grad = 1;
    float clip_grad = -1;
    static constexpr auto fields = reflect(
        field("lr", &Params::lr, required, above(0), "Learning rate."),
        field("beta1", &Params::beta1, between(0, 1), "Decay of the mean."),
        field("beta2", &Params::beta2, between(0, 1), "Decay of the squares."),
        field("epsilon", &Params::epsilon, "Keeps the divisor from 0."),
        field("t", &Params::t, required, at_least(1), "Number of the step, from 1."),
        field("wd", &Params::wd, "Weight decay."),
        field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
        field("clip_grad", &Params::clip_grad, "Bound of the gradient's size; negative: none."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<3>(call,
              FtmlRule{p.lr, p.beta1, p.beta2, p.epsilon, p.t, p.wd, p.rescale_grad, p.clip_grad});
  }
};
TREADLE_REGISTER_OP(FtmlUpdate);

}  // namespace
}  // namespace treadle::ops
