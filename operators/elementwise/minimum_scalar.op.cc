// _minimum_scalar: smaller of data and scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct MinimumScalarOp : ScalarWithSlope<WithScalar<Minimum>, WithScalarGradient<MinimumLeft>> {
  static constexpr auto name = "_minimum_scalar";
  static constexpr auto aliases = names("_MinimumScalar");
  static constexpr auto doc = "Elementwise smaller of data and scalar.";
};
TREADLE_REGISTER_OP(MinimumScalarOp);

}  // namespace
}  // namespace treadle::ops
