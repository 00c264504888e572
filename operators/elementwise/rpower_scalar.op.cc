// _rpower_scalar: scalar to the power of data.
#include <cmath>

#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct RpowerScalarOp : ScalarWithSlope<ScalarWith<Power>, ScalarWithGradient<PowerRight>> {
  static constexpr auto name = "_rpower_scalar";
  static constexpr auto aliases = names("_RPowerScalar");
  static constexpr auto doc = "Elementwise scalar to the power of data.";

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    set_in_grad(g, 0, head_term(g, 0) * out_term(g, 0) * Term(std::log(p.scalar)));
  }
};
TREADLE_REGISTER_OP(RpowerScalarOp);

}  // namespace
}  // namespace treadle::ops
