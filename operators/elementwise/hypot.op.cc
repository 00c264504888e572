// _hypot: sqrt(lhs^2 + rhs^2).
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct HypotOp : BinaryWithGradient<Hypot, HypotLeft, HypotRight> {
  static constexpr auto name = "_hypot";
  static constexpr auto aliases = names("_Hypot");
  static constexpr auto doc = "Elementwise sqrt(lhs^2 + rhs^2), for two arrays of one shape.";
};
TREADLE_REGISTER_OP(HypotOp);

}  // namespace
}  // namespace treadle::ops
