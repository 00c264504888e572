// _lesser: lhs < rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LesserOp : BinaryFlat<Lesser> {
  static constexpr auto name = "_lesser";
  static constexpr auto aliases = names("_Lesser");
  static constexpr auto doc = "Elementwise 1 where lhs < rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(LesserOp);

}  // namespace
}  // namespace treadle::ops
