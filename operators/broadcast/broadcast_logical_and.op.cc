// broadcast_logical_and: lhs and rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastLogicalAnd : BroadcastFlat<LogicalAnd> {
  static constexpr auto name = "broadcast_logical_and";
  static constexpr auto doc =
      "Elementwise 1 where lhs and rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastLogicalAnd);

}  // namespace
}  // namespace treadle::ops
