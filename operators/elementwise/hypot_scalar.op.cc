// _hypot_scalar: sqrt(data^2 + scalar^2).
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct HypotScalarOp : ScalarWithSlope<WithScalar<Hypot>, WithScalarGradient<HypotLeft>> {
  static constexpr auto name = "_hypot_scalar";
  static constexpr auto aliases = names("_HypotScalar");
  static constexpr auto doc = "Elementwise sqrt(data^2 + scalar^2).";

  static void compose_gradient(const Params&, GradientBuilder& g) {
    set_in_grad(g, 0, head_term(g, 0) * in_term(g, 0) / out_term(g, 0));
  }
};
TREADLE_REGISTER_OP(HypotScalarOp);

}  // namespace
}  // namespace treadle::ops
