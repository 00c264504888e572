// _plus_scalar: data + scalar.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct PlusScalar : Scalar<WithScalar<Add>> {
  static constexpr auto name = "_plus_scalar";
  static constexpr auto aliases = names("_PlusScalar");
  static constexpr auto doc = "Elementwise data + scalar.";

  static void compose_gradient(const Params&, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
  }
};
TREADLE_REGISTER_OP(PlusScalar);

}  // namespace
}  // namespace treadle::ops
