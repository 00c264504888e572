// _div_scalar: data / scalar.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct DivScalar : Scalar<WithScalar<Divide>> {
  static constexpr auto name = "_div_scalar";
  static constexpr auto aliases = names("_DivScalar");
  static constexpr auto doc =
      "Elementwise data / scalar. Integers are divided toward 0; x / 0 is 0.";

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("_div_scalar", {g.out_grad(0)}, same_scalar(p)));
  }
};
TREADLE_REGISTER_OP(DivScalar);

}  // namespace
}  // namespace treadle::ops
