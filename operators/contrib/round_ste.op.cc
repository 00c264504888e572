// _contrib_round_ste: round, with the gradient of the identity.
#include <cmath>

#include "treadle/operators/contrib/straight_through.h"

namespace treadle::ops {
namespace {

struct RoundHalfAway {
  template <class T>
  TREADLE_HD T operator()(T x) const {
    return std::round(x);
  }
};

struct RoundSte : StraightThrough<RoundHalfAway> {
  static constexpr auto name = "_contrib_round_ste";
  static constexpr auto doc =
      "The nearest whole number, halves away from 0; the gradient passes as if nothing were "
      "rounded.";
};
TREADLE_REGISTER_OP(RoundSte);

}  // namespace
}  // namespace treadle::ops
