// elemwise_mul: lhs * rhs.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ElemwiseMul : Binary {
  static constexpr auto name = "elemwise_mul";
  static constexpr auto aliases = names("_mul", "_Mul");
  static constexpr auto doc = "Elementwise lhs * rhs of two arrays of one shape.";

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Multiply(), in(0), in(1));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("elemwise_mul", {g.out_grad(0), g.in(1)}));
    g.set_in_grad(1, g.apply("elemwise_mul", {g.out_grad(0), g.in(0)}));
  }
};
TREADLE_REGISTER_OP(ElemwiseMul);

}  // namespace
}  // namespace treadle::ops
