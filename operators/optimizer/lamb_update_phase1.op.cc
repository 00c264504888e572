// lamb_update_phase1: the direction of a step of LAMB (You et al., 2019).
#include "treadle/operators/optimizer/lamb.h"

namespace treadle::ops {
namespace {

struct LambUpdatePhase1 : UpdateShapes<2> {
  static constexpr auto name = "lamb_update_phase1";
  static constexpr auto doc =
      "The direction of a step of LAMB: that of Adam with weight decay, after mean and var have "
      "taken their share of the gradient and its square.";
  static constexpr auto inputs = names("weight", "grad");
  static constexpr auto auxiliaries = names("mean", "var");

  using Params = LambDirectionParams;

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<2>(call, LambDirection(p, p.wd, p.t));
  }
};
TREADLE_REGISTER_OP(LambUpdatePhase1);

}  // namespace
}  // namespace treadle::ops
