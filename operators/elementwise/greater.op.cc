// _greater: lhs > rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct GreaterOp : BinaryFlat<Greater> {
  static constexpr auto name = "_greater";
  static constexpr auto aliases = names("_Greater");
  static constexpr auto doc = "Elementwise 1 where lhs > rhs, else 0, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(GreaterOp);

}  // namespace
}  // namespace treadle::ops
