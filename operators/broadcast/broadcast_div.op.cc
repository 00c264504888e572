// broadcast_div: lhs / rhs.
#include "treadle/operators/broadcast/families.h"
#include "treadle/operators/term.h"

namespace treadle::ops {
namespace {

struct BroadcastDiv : BroadcastWithGradient<Divide, DivideLeft, DivideRight> {
  static constexpr auto name = "broadcast_div";
  static constexpr auto doc =
      "Elementwise lhs / rhs of arrays whose axes are equal or 1; integers are divided toward 0, "
      "and x / 0 is 0.";

  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term dy = head_term(g, 0), lhs = in_term(g, 0), rhs = in_term(g, 1);
    set_in_grad(g, 0, dy.apply("broadcast_div", rhs).apply("_sum_like", lhs));
    const Term product = dy * out_term(g, 0);
    set_in_grad(g, 1, -product.apply("broadcast_div", rhs).apply("_sum_like", rhs));
  }
};
TREADLE_REGISTER_OP(BroadcastDiv);

}  // namespace
}  // namespace treadle::ops
