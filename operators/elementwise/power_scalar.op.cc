// _power_scalar: data to the power of scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct PowerScalarOp : ScalarWithSlope<WithScalar<Power>, WithScalarGradient<PowerLeft>> {
  static constexpr auto name = "_power_scalar";
  static constexpr auto aliases = names("_PowerScalar");
  static constexpr auto doc = "Elementwise data to the power of scalar.";
};
TREADLE_REGISTER_OP(PowerScalarOp);

}  // namespace
}  // namespace treadle::ops
