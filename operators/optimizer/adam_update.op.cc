// adam_update: one step of Adam.
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct AdamRule {
  float lr, beta1, beta2, epsilon, wd, rescale, clip;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[2]) const {
    const C g = bounded(C(rescale) * gradient + C(wd) * weight, clip);
    state[0] = C(beta1) * state[0] + (C(1) - C(beta1)) * g;
    state[1] = C(beta2) * state[1] + (C(1) - C(beta2)) * g * g;
    return weight - C(lr) * state[0] / (std::sqrt(state[1]) + C(epsilon));
  }
};

struct AdamUpdate : UpdateShapes<2> {
  static constexpr auto name = "adam_update";
  static constexpr auto doc =
      "weight - lr * mean / (sqrt(var) + epsilon), after mean and var have taken their share of "
      "the gradient and its square.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mean", "var");

  struct Params {
    float lr = 0;
    float beta1 = 0.9f;
    float beta2 = 0.999f;
    float epsilon = 1e-8f;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    bool lazy_update = true;
    static constexpr auto fields = reflect(
        field("lr", &Params::lr, required, "Learning rate."),
        field("beta1", &Params::beta1, "Decay of the mean."),
        field("beta2", &Params::beta2, "Decay of the squares."),
        field("epsilon", &Params::epsilon, "Keeps the divisor from 0."),
        field("wd", &Params::wd, "Weight decay."),
        field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
        field("clip_gradient", &Params::clip_gradient,
              "Bound of the gradient's size; negative: none."),
        field(
            "lazy_update", &Params::lazy_update,
            "Accepted for compatibility: it is about sparse gradients, which do not exist here."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<2>(call,
              AdamRule{p.lr, p.beta1, p.beta2, p.epsilon, p.wd, p.rescale_grad, p.clip_gradient});
  }
};
TREADLE_REGISTER_OP(AdamUpdate);

}  // namespace
}  // namespace treadle::ops
