// _copy: the same values in memory of their own.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Copy : Unary {
  static constexpr auto name = "_copy";
  static constexpr auto aliases = names("identity");
  static constexpr auto doc = "A copy of data.";

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
  }
};
TREADLE_REGISTER_OP(Copy);

}  // namespace
}  // namespace treadle::ops
