// lamb_update_phase1: the direction of a step of LAMB (You et al., 2019).
#include "treadle/operators/optimizer/lamb.h"

namespace treadle::ops {
namespace {

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
    update<2>(call, LambDirection(p, p.wd, p.t));
  }
};
TREADLE_REGISTER_OP(LambUpdatePhase1);

}  // namespace
}  // namespace treadle::ops
