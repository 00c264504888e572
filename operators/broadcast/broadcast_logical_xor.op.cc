// broadcast_logical_xor: lhs xor rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastLogicalXor : BroadcastFlat<LogicalXor> {
  static constexpr auto name = "broadcast_logical_xor";
  static constexpr auto doc =
      "Elementwise 1 where lhs xor rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastLogicalXor);

}  // namespace
}  // namespace treadle::ops
