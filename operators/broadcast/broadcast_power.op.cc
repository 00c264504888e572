// broadcast_power: lhs^rhs.
#include "treadle/operators/broadcast/families.h"
#include "treadle/operators/term.h"

namespace treadle::ops {
namespace {

struct BroadcastPower : BroadcastWithGradient<Power, PowerLeft, PowerRight> {
  static constexpr auto name = "broadcast_power";
  static constexpr auto doc =
      "Elementwise lhs to the power of rhs; for arrays whose axes are equal or 1.";

  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term dy = head_term(g, 0), lhs = in_term(g, 0), rhs = in_term(g, 1);
    const Term slope = lhs.apply("broadcast_power", rhs - Term(1)).apply("broadcast_mul", rhs);
    set_in_grad(g, 0, (dy * slope).apply("_sum_like", lhs));
    const Term product = dy * out_term(g, 0);
    set_in_grad(g, 1, product.apply("broadcast_mul", log(lhs)).apply("_sum_like", rhs));
  }
};
TREADLE_REGISTER_OP(BroadcastPower);

}  // namespace
}  // namespace treadle::ops
