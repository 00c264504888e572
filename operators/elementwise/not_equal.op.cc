// _not_equal: lhs != rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct NotEqualOp : BinaryFlat<NotEqual> {
  static constexpr auto name = "_not_equal";
  static constexpr auto aliases = names("_Not_Equal");
  static constexpr auto doc =
      "Elementwise 1 where lhs != rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(NotEqualOp);

}  // namespace
}  // namespace treadle::ops
