// nag_mom_update: one step of gradient descent with Nesterov momentum.
#include "treadle/operators/optimizer/nag.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct NagMomUpdate : UpdateShapes<1> {
  static constexpr auto name = "nag_mom_update";
  static constexpr auto doc =
      "weight - momentum * mom + (momentum + 1) * (the step with momentum); mom takes the step.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mom");

  struct Params {
    float lr = 0;
    float momentum = 0;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    static constexpr auto fields =
        reflect(field("lr", &Params::lr, required, "Learning rate."),
                field("momentum", &Params::momentum, "How much of the last step is kept."),
                field("wd", &Params::wd, "Weight decay."),
                field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
                field("clip_gradient", &Params::clip_gradient,
                      "Bound of the gradient's size; negative: none."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const bool is_in_place = call.write(out(0)).data == call.read(in(0)).data;
    update<1>(call, NagRule{p.lr, p.momentum, p.wd, p.rescale_grad, p.clip_gradient, is_in_place});
  }
};
TREADLE_REGISTER_OP(NagMomUpdate);

}  // namespace
}  // namespace treadle::ops
