// sgd_update: one step of gradient descent.
#include "treadle/operators/optimizer/sgd.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct SgdUpdate {
  static constexpr auto name = "sgd_update";
  static constexpr auto doc =
      "weight - lr * (clip(rescale_grad * grad) + wd * weight): one step of gradient descent.";
  static constexpr auto inputs = names("weight", "grad");

  struct Params {
    float lr = 0;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    bool lazy_update = true;
    static constexpr auto fields = reflect(
        field("lr", &Params::lr, required, "Learning rate."),
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
    s.unify(in(0), out(0));
  }
  static constexpr auto may_share = shares(share(in(0), out(0)), share(in(1), out(0)));

  struct Update {
    float lr;
    SgdStep step;
    template <class T>
    TREADLE_HD T operator()(T weight, T gradient) const {
      return weight - T(lr) * step(weight, gradient);
    }
  };
  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    const SgdStep step{p.rescale_grad, p.clip_gradient, p.wd};
    elementwise(call, out(0), Update{p.lr, step}, in(0), in(1));
  }
};
TREADLE_REGISTER_OP(SgdUpdate);

}  // namespace
}  // namespace treadle::ops
