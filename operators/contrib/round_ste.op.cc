// _contrib_round_ste: round, with the gradient of the identity.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {
namespace {

struct RoundSte : Unary {
  static constexpr auto name = "_contrib_round_ste";
  static constexpr auto doc =
      "The nearest whole number, halves away from 0; the gradient passes as if nothing were "
      "rounded.";
  static constexpr TypeSet types = floating_types;

  struct Value {
    template <class T>
    TREADLE_HD T operator()(T x) const {
      return std::round(x);
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
TREADLE_REGISTER_OP(RoundSte);

}  // namespace
}  // namespace treadle::ops
