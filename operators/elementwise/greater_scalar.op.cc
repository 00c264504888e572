// _greater_scalar: data > scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct GreaterScalarOp : ScalarFlat<WithScalar<Greater>> {
  static constexpr auto name = "_greater_scalar";
  static constexpr auto aliases = names("_GreaterScalar");
  static constexpr auto doc = "Elementwise 1 where data > scalar, else 0.";
};
TREADLE_REGISTER_OP(GreaterScalarOp);

}  // namespace
}  // namespace treadle::ops
