// _mod: lhs modulo rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ModOp : BinaryWithGradient<Mod, ModLeft, ModRight> {
  static constexpr auto name = "_mod";
  static constexpr auto aliases = names("_Mod");
  static constexpr auto doc =
      "Elementwise rest of lhs divided by rhs, with the sign of rhs; 0 where rhs is 0, for two "
      "arrays of one shape.";
};
TREADLE_REGISTER_OP(ModOp);

}  // namespace
}  // namespace treadle::ops
