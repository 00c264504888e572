// elemwise_div: lhs / rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ElemwiseDiv : BinaryWithGradient<Divide, DivideLeft, DivideRight> {
  static constexpr auto name = "elemwise_div";
  static constexpr auto aliases = names("_div", "_Div");
  static constexpr auto doc =
      "Elementwise lhs / rhs of two arrays of one shape. Integers are divided toward 0; x / 0 is "
      "0.";

  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term dy = head_term(g, 0), rhs = in_term(g, 1);
    set_in_grad(g, 0, dy / rhs);
    set_in_grad(g, 1, -(dy * out_term(g, 0) / rhs));
  }
};
TREADLE_REGISTER_OP(ElemwiseDiv);

}  // namespace
}  // namespace treadle::ops
