// broadcast_power: lhs^rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastPower : BroadcastWithGradient<Power, PowerLeft, PowerRight> {
  static constexpr auto name = "broadcast_power";
  static constexpr auto doc =
      "Elementwise lhs to the power of rhs; for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastPower);

}  // namespace
}  // namespace treadle::ops
