// _not_equal_scalar: data != scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct NotEqualScalarOp : ScalarFlat<WithScalar<NotEqual>> {
  static constexpr auto name = "_not_equal_scalar";
  static constexpr auto aliases = names("_NotEqualScalar");
  static constexpr auto doc = "Elementwise 1 where data != scalar, else 0.";
};
TREADLE_REGISTER_OP(NotEqualScalarOp);

}  // namespace
}  // namespace treadle::ops
