// _lesser_scalar: data < scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LesserScalarOp : ScalarFlat<WithScalar<Lesser>> {
  static constexpr auto name = "_lesser_scalar";
  static constexpr auto aliases = names("_LesserScalar");
  static constexpr auto doc = "Elementwise 1 where data < scalar, else 0.";
};
TREADLE_REGISTER_OP(LesserScalarOp);

}  // namespace
}  // namespace treadle::ops
