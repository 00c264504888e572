// broadcast_not_equal: lhs != rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastNotEqual : BroadcastFlat<NotEqual> {
  static constexpr auto name = "broadcast_not_equal";
  static constexpr auto doc =
      "Elementwise 1 where lhs != rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastNotEqual);

}  // namespace
}  // namespace treadle::ops
