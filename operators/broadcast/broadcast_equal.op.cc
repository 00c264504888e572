// broadcast_equal: lhs == rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastEqual : BroadcastFlat<Equal> {
  static constexpr auto name = "broadcast_equal";
  static constexpr auto doc =
      "Elementwise 1 where lhs == rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastEqual);

}  // namespace
}  // namespace treadle::ops
