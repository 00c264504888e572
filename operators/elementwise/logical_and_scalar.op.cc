// _logical_and_scalar: data and scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalAndScalarOp : ScalarFlat<WithScalar<LogicalAnd>> {
  static constexpr auto name = "_logical_and_scalar";
  static constexpr auto aliases = names("_LogicalAndScalar");
  static constexpr auto doc = "Elementwise 1 where data and scalar, else 0.";
};
TREADLE_REGISTER_OP(LogicalAndScalarOp);

}  // namespace
}  // namespace treadle::ops
