// _logical_or: lhs or rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalOrOp : BinaryFlat<LogicalOr> {
  static constexpr auto name = "_logical_or";
  static constexpr auto aliases = names("_Logical_Or");
  static constexpr auto doc =
      "Elementwise 1 where lhs or rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(LogicalOrOp);

}  // namespace
}  // namespace treadle::ops
