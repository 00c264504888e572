// _logical_xor: lhs xor rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalXorOp : BinaryFlat<LogicalXor> {
  static constexpr auto name = "_logical_xor";
  static constexpr auto aliases = names("_Logical_Xor");
  static constexpr auto doc =
      "Elementwise 1 where lhs xor rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(LogicalXorOp);

}  // namespace
}  // namespace treadle::ops
