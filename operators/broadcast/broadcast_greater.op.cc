// broadcast_greater: lhs > rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastGreater : BroadcastFlat<Greater> {
  static constexpr auto name = "broadcast_greater";
  static constexpr auto doc =
      "Elementwise 1 where lhs > rhs, else 0, for arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastGreater);

}  // namespace
}  // namespace treadle::ops
