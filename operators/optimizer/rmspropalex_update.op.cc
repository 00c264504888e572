// rmspropalex_update: one step of RMSProp in Graves' form.
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct RmsPropAlexRule {
  float lr, gamma1, gamma2, epsilon, wd, rescale, clip, clip_weights;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[3]) const {
    const C grad = bounded(C(rescale) * gradient + C(wd) * weight, clip);
    state[0] = (C(1) - C(gamma1)) * grad * grad + C(gamma1) * state[0];
    state[1] = (C(1) - C(gamma1)) * grad + C(gamma1) * state[1];
    const C spread = std::sqrt(state[0] - state[1] * state[1] + C(epsilon));
    state[2] = C(gamma2) * state[2] - C(lr) * grad / spread;
    return bounded(weight + state[2], clip_weights);
  }
};

struct RmsPropAlexUpdate : UpdateShapes<3> {
  static constexpr auto name = "rmspropalex_update";
  static constexpr auto doc =
      "weight + delta, after n, g and delta have taken their share of the gradient (Graves, 2013).";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("n", "g", "delta");

  struct Params {
    float lr = 0;
    float gamma1 = 0.95f;
    float gamma2 = 0.9f;
    float epsilon = 1e-8f;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    float clip_weights = -1;
    static constexpr auto fields =
        reflect(field("lr", &Params::lr, required, "Learning rate."),
                field("gamma1", &Params::gamma1, "Decay of the averages."),
                field("gamma2", &Params::gamma2, "How much of the last step is kept."),
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
    update<3>(call, RmsPropAlexRule{p.lr, p.gamma1, p.gamma2, p.epsilon, p.wd, p.rescale_grad,
                                    p.clip_gradient, p.clip_weights});
  }
};
TREADLE_REGISTER_OP(RmsPropAlexUpdate);

}  // namespace
}  // namespace treadle::ops
