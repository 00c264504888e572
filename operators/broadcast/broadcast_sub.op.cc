// broadcast_sub: lhs - rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastSub : BroadcastLinear<Subtract, Identity, Negate> {
  static constexpr auto name = "broadcast_sub";
  static constexpr auto aliases = names("broadcast_minus");
  static constexpr auto doc = "Elementwise lhs - rhs of arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastSub);

}  // namespace
}  // namespace treadle::ops
