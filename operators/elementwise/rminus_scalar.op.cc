// _rminus_scalar: scalar - data.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct RMinusScalar : Scalar<ScalarWith<Subtract>> {
  static constexpr auto name = "_rminus_scalar";
  static constexpr auto aliases = names("_RMinusScalar");
  static constexpr auto doc = "Elementwise scalar - data.";

  static void compose_gradient(const Params&, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("negative", {g.out_grad(0)}));
  }
};
TREADLE_REGISTER_OP(RMinusScalar);

}  // namespace
}  // namespace treadle::ops
