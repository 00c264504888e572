// broadcast_logical_or: lhs or rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastLogicalOr : BroadcastFlat<LogicalOr> {
  static constexpr auto name = "broadcast_logical_or";
  static constexpr auto doc =
      "Elementwise 1 where lhs or rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastLogicalOr);

}  // namespace
}  // namespace treadle::ops
