// _mod_scalar: rest of data divided by scalar, with the sign of scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ModScalarOp : ScalarWithSlope<WithScalar<Mod>, WithScalarGradient<ModLeft>> {
  static constexpr auto name = "_mod_scalar";
  static constexpr auto aliases = names("_ModScalar");
  static constexpr auto doc =
      "Elementwise rest of data divided by scalar, with the sign of scalar; 0 where that is 0.";
};
TREADLE_REGISTER_OP(ModScalarOp);

}  // namespace
}  // namespace treadle::ops
