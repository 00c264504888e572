// _rdiv_scalar: scalar / data.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct RDivScalar : ScalarWithSlope<ScalarWith<Divide>, ScalarWithGradient<DivideRight>> {
  static constexpr auto name = "_rdiv_scalar";
  static constexpr auto aliases = names("_RDivScalar");
  static constexpr auto doc =
      "Elementwise scalar / data. Integers are divided toward 0; x / 0 is 0.";

  static void compose_gradient(const Params&, GradientBuilder& g) {
    set_in_grad(g, 0, -(head_term(g, 0) * out_term(g, 0) / in_term(g, 0)));
  }
};
TREADLE_REGISTER_OP(RDivScalar);

}  // namespace
}  // namespace treadle::ops
