// _greater_equal_scalar: data >= scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct GreaterEqualScalarOp : ScalarFlat<WithScalar<GreaterEqual>> {
  static constexpr auto name = "_greater_equal_scalar";
  static constexpr auto aliases = names("_GreaterEqualScalar");
  static constexpr auto doc = "Elementwise 1 where data >= scalar, else 0.";
};
TREADLE_REGISTER_OP(GreaterEqualScalarOp);

}  // namespace
}  // namespace treadle::ops
