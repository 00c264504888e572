// rmsprop_update: one step of RMSProp (Tieleman and Hinton).
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct RmsPropRule {
  float lr, gamma, epsilon, wd, rescale, clip, clip_weights;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[1]) const {
    const C g = bounded(C(rescale) * gradient + C(wd) * weight, clip);
    state[0] = (C(1) - C(gamma)) * g * g + C(gamma) * state[0];
    return bounded(weight - C(lr) * (g / std::sqrt(state[0] + C(epsilon))), clip_weights);
  }
};

struct RmsPropUpdate : UpdateShapes<1> {
  static constexpr auto name = "rmsprop_update";
  static constexpr auto doc =
      "weight - lr * grad / sqrt(n + epsilon), after n has taken its share of the squared "
      "gradient.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("n");

  struct Params {
    float lr = 0;
    float gamma1 = 0.95f;
    float epsilon = 1e-8f;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    float clip_weights = -1;
    static constexpr auto fields =
        reflect(field("lr", &Params::lr, required, "Learning rate."),
                field("gamma1", &Params::gamma1, "Decay of the averages."),
                field("epsilon", &Params::epsilon, "Keeps the divisor from 0."),
                field("wd", &Params::wd, "Weight decay."),
                field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
                field("clip_gradient", &Params::clip_gradient,
                      "Bound of the gradient's size; negative: none."),
                field("clip_weights", &Params::clip_weights,
                      "Bound of the weights' size; negative: none."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<1>(call, RmsPropRule{p.lr, p.gamma1, p.epsilon, p.wd, p.rescale_grad, p.clip_gradient,
                                p.clip_weights});
  }
};
TREADLE_REGISTER_OP(RmsPropUpdate);

}  // namespace
}  // namespace treadle::ops
