// mp_sgd_mom_update: one step of gradient descent with momentum, in mixed precision.
#include "treadle/operators/optimizer/sgd_rules.h"

namespace treadle::ops {
namespace {

struct MpSgdMomUpdate : MixedUpdate<2> {
  static constexpr auto name = "mp_sgd_mom_update";
  static constexpr auto doc =
      "sgd_mom_update on weight32, the weight in float32, from which the result is rounded.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mom", "weight32");

  struct Params {
    float lr = 0;
    float momentum = 0;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    bool lazy_update = true;
    static constexpr auto fields = reflect(
        field("lr", &Params::lr, required, "Learning rate."),
        field("momentum", &Params::momentum, "How much of the last step is kept."),
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
    mixed_update<1>(call, SgdMomRule{p.lr, p.momentum, p.wd, p.rescale_grad, p.clip_gradient});
  }
};
TREADLE_REGISTER_OP(MpSgdMomUpdate);

}  // namespace
}  // namespace treadle::ops
