// _maximum_scalar: larger of data and scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct MaximumScalarOp : ScalarWithSlope<WithScalar<Maximum>, WithScalarGradient<MaximumLeft>> {
  static constexpr auto name = "_maximum_scalar";
  static constexpr auto aliases = names("_MaximumScalar");
  static constexpr auto doc = "Elementwise larger of data and scalar.";
};
TREADLE_REGISTER_OP(MaximumScalarOp);

}  // namespace
}  // namespace treadle::ops
