// signum_update: one step along the sign of a momentum.
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct SignumRule {
  float lr, momentum, wd, rescale, clip, wd_lh;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[1]) const {
    const C g = bounded(C(rescale) * gradient, clip) + C(wd) * weight;
    state[0] = C(momentum) * state[0] - (C(1) - C(momentum)) * g;
    const C sign = C(state[0] > C(0)) - C(state[0] < C(0));
    return (C(1) - C(lr) * C(wd_lh)) * weight + C(lr) * sign;
  }
};

struct SignumUpdate : UpdateShapes<1> {
  static constexpr auto name = "signum_update";
  static constexpr auto doc =
      "(1 - lr * wd_lh) * weight + lr * sign(mom), after mom has taken its share of the negative "
      "gradient.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mom");

  struct Params {
    float lr = 0;
    float momentum = 0;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    float wd_lh = 0;
    static constexpr auto fields =
        reflect(field("lr", &Params::lr, required, "Learning rate."),
                field("momentum", &Params::momentum, "How much of the last step is kept."),
                field("wd", &Params::wd, "Weight decay."),
                field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
                field("clip_gradient", &Params::clip_gradient,
                      "Bound of the gradient's size; negative: none."),
                field("wd_lh", &Params::wd_lh, "Decay applied to the weight itself."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<1>(call, SignumRule{p.lr, p.momentum, p.wd, p.rescale_grad, p.clip_gradient, p.wd_lh});
  }
};
TREADLE_REGISTER_OP(SignumUpdate);

}  // namespace
}  // namespace treadle::ops
