// _rmod_scalar: the rest of scalar divided by data.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct RmodScalarOp : ScalarWithSlope<ScalarWith<Mod>, ScalarWithGradient<ModRight>> {
  static constexpr auto name = "_rmod_scalar";
  static constexpr auto aliases = names("_RModScalar");
  static constexpr auto doc =
      "Elementwise rest of scalar divided by data, with the sign of data; 0 where that is 0.";
};
TREADLE_REGISTER_OP(RmodScalarOp);

}  // namespace
}  // namespace treadle::ops
