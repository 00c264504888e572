// _logical_and: lhs and rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalAndOp : BinaryFlat<LogicalAnd> {
  static constexpr auto name = "_logical_and";
  static constexpr auto aliases = names("_Logical_And");
  static constexpr auto doc =
      "Elementwise 1 where lhs and rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(LogicalAndOp);

}  // namespace
}  // namespace treadle::ops
