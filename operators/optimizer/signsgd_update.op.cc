// signsgd_update: one step along the sign of the gradient.
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct SignSgdRule {
  float lr, wd;
  template <class C>
  C operator()(C weight, C gradient, C (&)[1]) const {
    const C sign = C(gradient > C(0)) - C(gradient < C(0));
    return (C(1) - C(lr) * C(wd)) * weight - C(lr) * sign;
  }
};

struct SignSgdUpdate : UpdateShapes<0> {
  static constexpr auto name = "signsgd_update";
  static constexpr auto doc = "(1 - lr * wd) * weight - lr * sign(grad).";
  static constexpr auto inputs = names("weight", "grad");

  struct Params {
    float lr = 0;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    static constexpr auto fields =
        reflect(field("lr", &Params::lr, required, "Learning rate."),
                field("wd", &Params::wd, "Weight decay."),
                field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
                field("clip_gradient", &Params::clip_gradient,
                      "Bound of the gradient's size; negative: none."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<0>(call, SignSgdRule{p.lr, p.wd});
  }
};
TREADLE_REGISTER_OP(SignSgdUpdate);

}  // namespace
}  // namespace treadle::ops
