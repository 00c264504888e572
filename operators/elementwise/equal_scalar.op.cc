// _equal_scalar: data == scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct EqualScalarOp : ScalarFlat<WithScalar<Equal>> {
  static constexpr auto name = "_equal_scalar";
  static constexpr auto aliases = names("_EqualScalar");
  static constexpr auto doc = "Elementwise 1 where data == scalar, else 0.";
};
TREADLE_REGISTER_OP(EqualScalarOp);

}  // namespace
}  // namespace treadle::ops
