// _contrib_sign_ste: sign, with the gradient of the identity.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {
namespace {

struct SignSte : Unary {
  static constexpr auto name = "_contrib_sign_ste";
  static constexpr auto doc =
      "-1, 0 or 1, the sign of data; the gradient passes as if data went through unchanged.";
  static constexpr TypeSet types = floating_types;

  struct Value {
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return T(x > T(0)) - T(x < T(0));
    }
  };
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Value(), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
  }
};
TREADLE_REGISTER_OP(SignSte);

}  // namespace
}  // namespace treadle::ops
