// broadcast_add: lhs + rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastAdd : BroadcastLinear<Add, Identity, Identity> {
  static constexpr auto name = "broadcast_add";
  static constexpr auto aliases = names("broadcast_plus");
  static constexpr auto doc = "Elementwise lhs + rhs of arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastAdd);

}  // namespace
}  // namespace treadle::ops
