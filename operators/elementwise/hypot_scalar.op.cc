// _hypot_scalar: sqrt(data^2 + scalar^2).
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct HypotScalarOp : ScalarWithSlope<WithScalar<Hypot>, WithScalarGradient<HypotLeft>> {
  static constexpr auto name = "_hypot_scalar";
  static constexpr auto aliases = names("_HypotScalar");
  static constexpr auto doc = "Elementwise sqrt(data^2 + scalar^2).";
};
TREADLE_REGISTER_OP(HypotScalarOp);

}  // namespace
}  // namespace treadle::ops
