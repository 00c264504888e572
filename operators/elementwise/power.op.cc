// _power: lhs^rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct PowerOp : BinaryWithGradient<Power, PowerLeft, PowerRight> {
  static constexpr auto name = "_power";
  static constexpr auto aliases = names("_Power");
  static constexpr auto doc = "Elementwise lhs to the power of rhs, for two arrays of one shape.";
};
TREADLE_REGISTER_OP(PowerOp);

}  // namespace
}  // namespace treadle::ops
