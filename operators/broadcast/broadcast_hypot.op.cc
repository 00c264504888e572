// broadcast_hypot: sqrt(lhs^2 + rhs^2).
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastHypot : BroadcastWithGradient<Hypot, HypotLeft, HypotRight> {
  static constexpr auto name = "broadcast_hypot";
  static constexpr auto doc =
      "Elementwise sqrt(lhs^2 + rhs^2); for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastHypot);

}  // namespace
}  // namespace treadle::ops
