// broadcast_lesser_equal: lhs <= rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastLesserEqual : BroadcastFlat<LesserEqual> {
  static constexpr auto name = "broadcast_lesser_equal";
  static constexpr auto doc =
      "Elementwise 1 where lhs <= rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastLesserEqual);

}  // namespace
}  // namespace treadle::ops
