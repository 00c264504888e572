// _lesser_equal_scalar: data <= scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LesserEqualScalarOp : ScalarFlat<WithScalar<LesserEqual>> {
  static constexpr auto name = "_lesser_equal_scalar";
  static constexpr auto aliases = names("_LesserEqualScalar");
  static constexpr auto doc = "Elementwise 1 where data <= scalar, else 0.";
};
TREADLE_REGISTER_OP(LesserEqualScalarOp);

}  // namespace
}  // namespace treadle::ops
