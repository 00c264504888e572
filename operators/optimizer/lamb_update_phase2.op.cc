// lamb_update_phase2: a step of LAMB along a direction, as long as the weight's norm says.
#include "treadle/operators/number_at.h"
#include "treadle/operators/optimizer/lamb.h"

namespace treadle::ops {
namespace {

struct LambUpdatePhase2 {
  static constexpr auto name = "lamb_update_phase2";
  static constexpr auto doc =
      "weight - lr * r1 / r2 * g, with the norm r1 of the weight, within bounds, and r2 of the "
      "direction g, one number each; a norm of 0 leaves lr as it is.";
  static constexpr auto inputs = names("weight", "g", "r1", "r2");

  using Params = LambStepParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.unify(in(0), out(0));
    for (int i : {2, 3}) s.set(in(i), {1}, "a norm is one number");
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));

  struct Step {
    double rate;
    template <class T>
    TREADLE_HD T operator()(T weight, T direction) const {
      return weight - T(rate) * direction;
    }
  };

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const double r1 = number_at(call.read(in(2)), 0), r2 = number_at(call.read(in(3)), 0);
    elementwise(call, out(0), Step{lamb_rate(p, p.lr, r1, r2)}, in(0), in(1));
  }
};
TREADLE_REGISTER_OP(LambUpdatePhase2);

}  // namespace
}  // namespace treadle::ops
