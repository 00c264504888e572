// broadcast_maximum: the larger of the two.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastMaximum : BroadcastWithGradient<Maximum, MaximumLeft, MaximumRight> {
  static constexpr auto name = "broadcast_maximum";
  static constexpr auto doc =
      "Elementwise larger of lhs and rhs; NaN where either is, and of equal numbers lhs gets the "
      "gradient; for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastMaximum);

}  // namespace
}  // namespace treadle::ops
