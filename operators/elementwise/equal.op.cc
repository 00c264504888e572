// _equal: lhs == rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct EqualOp : BinaryFlat<Equal> {
  static constexpr auto name = "_equal";
  static constexpr auto aliases = names("_Equal");
  static constexpr auto doc =
      "Elementwise 1 where lhs == rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(EqualOp);

}  // namespace
}  // namespace treadle::ops
