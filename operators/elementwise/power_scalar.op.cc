// _power_scalar: data to the power of scalar.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct PowerScalarOp : ScalarWithSlope<WithScalar<Power>, WithScalarGradient<PowerLeft>> {
  static constexpr auto name = "_power_scalar";
  static constexpr auto aliases = names("_PowerScalar");
  static constexpr auto doc = "Elementwise data to the power of scalar.";

  static void compose_gradient(const Params& p, GradientBuilder& g) {
    const double less = p.scalar - 1;
    const Term power =
        in_term(g, 0).apply("_power_scalar", {{"scalar", value_type<double>().print(&less)}});
    set_in_grad(g, 0, head_term(g, 0) * Term(p.scalar) * power);
  }
};
TREADLE_REGISTER_OP(PowerScalarOp);

}  // namespace
}  // namespace treadle::ops
