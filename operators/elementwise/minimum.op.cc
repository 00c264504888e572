// _minimum: the smaller of the two.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct MinimumOp : BinaryWithGradient<Minimum, MinimumLeft, MinimumRight> {
  static constexpr auto name = "_minimum";
  static constexpr auto aliases = names("_Minimum");
  static constexpr auto doc =
      "Elementwise smaller of lhs and rhs; NaN where either is, and of equal numbers lhs gets the "
      "gradient, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(MinimumOp);

}  // namespace
}  // namespace treadle::ops
