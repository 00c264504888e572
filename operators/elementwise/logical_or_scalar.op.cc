// _logical_or_scalar: data or scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalOrScalarOp : ScalarFlat<WithScalar<LogicalOr>> {
  static constexpr auto name = "_logical_or_scalar";
  static constexpr auto aliases = names("_LogicalOrScalar");
  static constexpr auto doc = "Elementwise 1 where data or scalar, else 0.";
};
TREADLE_REGISTER_OP(LogicalOrScalarOp);

}  // namespace
}  // namespace treadle::ops
