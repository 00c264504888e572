// _mul_scalar: data * scalar.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct MulScalar : Scalar<WithScalar<Multiply>> {
  static constexpr auto name = "_mul_scalar";
  static constexpr auto aliases = names("_MulScalar");
  static constexpr auto doc = "Elementwise data * scalar.";

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("_mul_scalar", {g.out_grad(0)}, same_scalar(p)));
  }
};
TREADLE_REGISTER_OP(MulScalar);

}  // namespace
}  // namespace treadle::ops
