// broadcast_lesser: lhs < rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastLesser : BroadcastFlat<Lesser> {
  static constexpr auto name = "broadcast_lesser";
  static constexpr auto doc =
      "Elementwise 1 where lhs < rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastLesser);

}  // namespace
}  // namespace treadle::ops
