// sgd_mom_update: one step of gradient descent with momentum.
#include "treadle/operators/arithmetic.h"
#include "treadle/operators/optimizer/sgd.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct SgdMomUpdate {
  static constexpr auto name = "sgd_mom_update";
  static constexpr auto doc =
      "weight + mom, after mom = momentum * mom - lr * (clip(rescale_grad * grad) + wd * weight).";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mom");
  static constexpr bool has_effects = true;

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
              "Bound of the rescaled gradient's size; negative: none."),
        field(
            "lazy_update", &Params::lazy_update,
            "Accepted for compatibility: it is about sparse gradients, which do not exist here."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.unify(in(0), aux(0));
    s.unify(in(0), out(0));
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));

  struct Momentum {
    float lr, momentum;
    SgdStep step;
    template <class T>
    TREADLE_HD T operator()(T mom, T weight, T gradient) const {
      return T(momentum) * mom - T(lr) * step(weight, gradient);
    }
  };
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const SgdStep step{p.rescale_grad, p.clip_gradient, p.wd};
    elementwise(call, aux(0), Momentum{p.lr, p.momentum, step}, aux(0), in(0), in(1));
    elementwise(call, out(0), Add(), in(0), aux(0));
  }
};
TREADLE_REGISTER_OP(SgdMomUpdate);

}  // namespace
}  // namespace treadle::ops
