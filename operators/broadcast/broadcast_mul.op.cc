// broadcast_mul: lhs * rhs.
#include "treadle/operators/broadcast/families.h"
#include "treadle/operators/term.h"

namespace treadle::ops {
namespace {

struct BroadcastMul : BroadcastWithGradient<Multiply, MultiplyLeft, MultiplyRight> {
  static constexpr auto name = "broadcast_mul";
  static constexpr auto doc = "Elementwise lhs * rhs of arrays whose axes are equal or 1.";

  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term dy = head_term(g, 0), lhs = in_term(g, 0), rhs = in_term(g, 1);
    set_in_grad(g, 0, dy.apply("broadcast_mul", rhs).apply("_sum_like", lhs));
    set_in_grad(g, 1, dy.apply("broadcast_mul", lhs).apply("_sum_like", rhs));
  }
};
TREADLE_REGISTER_OP(BroadcastMul);

}  // namespace
}  // namespace treadle::ops
