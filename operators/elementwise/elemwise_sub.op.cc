// elemwise_sub: lhs - rhs.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ElemwiseSub : Binary {
  static constexpr auto name = "elemwise_sub";
  static constexpr auto aliases = names("_sub", "_minus", "_Minus");
  static constexpr auto doc = "Elementwise lhs - rhs of two arrays of one shape.";

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Subtract(), in(0), in(1));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
    g.set_in_grad(1, g.apply("negative", {g.out_grad(0)}));
  }
};
TREADLE_REGISTER_OP(ElemwiseSub);

}  // namespace
}  // namespace treadle::ops
