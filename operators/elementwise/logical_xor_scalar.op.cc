// _logical_xor_scalar: data xor scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalXorScalarOp : ScalarFlat<WithScalar<LogicalXor>> {
  static constexpr auto name = "_logical_xor_scalar";
  static constexpr auto aliases = names("_LogicalXorScalar");
  static constexpr auto doc = "Elementwise 1 where data xor scalar, else 0.";
};
TREADLE_REGISTER_OP(LogicalXorScalarOp);

}  // namespace
}  // namespace treadle::ops
