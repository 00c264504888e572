// broadcast_minimum: the smaller of the two.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastMinimum : BroadcastWithGradient<Minimum, MinimumLeft, MinimumRight> {
  static constexpr auto name = "broadcast_minimum";
  static constexpr auto doc =
      "Elementwise smaller of lhs and rhs; NaN where either is, and of equal numbers lhs gets the "
      "gradient; for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastMinimum);

}  // namespace
}  // namespace treadle::ops
