// _lesser_equal: lhs <= rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LesserEqualOp : BinaryFlat<LesserEqual> {
  static constexpr auto name = "_lesser_equal";
  static constexpr auto aliases = names("_Lesser_Equal");
  static constexpr auto doc =
      "Elementwise 1 where lhs <= rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(LesserEqualOp);

}  // namespace
}  // namespace treadle::ops
