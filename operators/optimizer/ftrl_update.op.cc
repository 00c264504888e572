// ftrl_update: one step of FTRL-Proximal.
#include "treadle/operators/optimizer/update.h"

#include <cmath>

namespace treadle::ops {
namespace {

struct FtrlRule {
  float lr, lamda1, beta, wd, rescale, clip;
  template <class C>
  C operator()(C weight, C gradient, C (&state)[2]) const {
    const C g = bounded(C(rescale) * gradient, clip);
    const C squares = state[1] + g * g;
    state[0] += g - (std::sqrt(squares) - std::sqrt(state[1])) * weight / C(lr);
    state[1] = squares;
    const C z = state[0], bound = C(lamda1);
    const C beyond = z > bound ? bound - z : z < -bound ? -bound - z : C(0);
    return beyond / ((C(beta) + std::sqrt(squares)) / C(lr) + C(wd));
  }
};

struct FtrlUpdate : UpdateShapes<2> {
  static constexpr auto name = "ftrl_update";
  static constexpr auto doc =
      "The weight that follows the regularised leader: 0 while |z| <= lamda1 (McMahan et al., "
      "2013).";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("z", "n");

  struct Params {
    float lr = 0;
    float lamda1 = 0.01f;
    float beta = 1;
    float wd = 0;
    float rescale_grad = 1;
    float clip_gradient = -1;
    static constexpr auto fields =
        reflect(field("lr", &Params::lr, required, above(0), "Learning rate."),
                field("lamda1", &Params::lamda1, "Weight of the sum of sizes."),
                field("beta", &Params::beta, "Slows the learning rate down."),
                field("wd", &Params::wd, "Weight decay."),
                field("rescale_grad", &Params::rescale_grad, "Factor of the gradient."),
                field("clip_gradient", &Params::clip_gradient,
                      "Bound of the gradient's size; negative: none."));
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<2>(call, FtrlRule{p.lr, p.lamda1, p.beta, p.wd, p.rescale_grad, p.clip_gradient});
  }
};
TREADLE_REGISTER_OP(FtrlUpdate);

}  // namespace
}  // namespace treadle::ops
