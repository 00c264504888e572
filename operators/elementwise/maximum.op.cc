// _maximum: the larger of the two.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct MaximumOp : BinaryWithGradient<Maximum, MaximumLeft, MaximumRight> {
  static constexpr auto name = "_maximum";
  static constexpr auto aliases = names("_Maximum");
  static constexpr auto doc =
      "Elementwise larger of lhs and rhs; NaN where either is, and of equal numbers lhs gets the "
      "gradient, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(MaximumOp);

}  // namespace
}  // namespace treadle::ops
