// _contrib_sign_ste: sign, with the gradient of the identity.
#include "treadle/operators/contrib/straight_through.h"

namespace treadle::ops {
namespace {

struct SignOf {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return T(x > T(0)) - T(x < T(0));
  }
};

struct SignSte : StraightThrough<SignOf> {
  static constexpr auto name = "_contrib_sign_ste";
  static constexpr auto doc =
      "-1, 0 or 1, the sign of data; the gradient passes as if data went through unchanged.";
};
TREADLE_REGISTER_OP(SignSte);

}  // namespace
}  // namespace treadle::ops
