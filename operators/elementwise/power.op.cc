// _power: lhs^rhs.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct PowerOp : BinaryWithGradient<Power, PowerLeft, PowerRight> {
  static constexpr auto name = "_power";
  static constexpr auto aliases = names("_Power");
  static constexpr auto doc = "Elementwise lhs to the power of rhs, for two arrays of one shape.";

  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term dy = head_term(g, 0), lhs = in_term(g, 0), rhs = in_term(g, 1);
    set_in_grad(g, 0, dy * rhs * lhs.apply("_power", rhs - Term(1)));
    set_in_grad(g, 1, dy * out_term(g, 0) * log(lhs));
  }
};
TREADLE_REGISTER_OP(PowerOp);

}  // namespace
}  // namespace treadle::ops
