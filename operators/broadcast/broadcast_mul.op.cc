// broadcast_mul: lhs * rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastMul : BroadcastWithGradient<Multiply, MultiplyLeft, MultiplyRight> {
  static constexpr auto name = "broadcast_mul";
  static constexpr auto doc = "Elementwise lhs * rhs of arrays whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastMul);

}  // namespace
}  // namespace treadle::ops
