// broadcast_div: lhs / rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastDiv : BroadcastWithGradient<Divide, DivideLeft, DivideRight> {
  static constexpr auto name = "broadcast_div";
  static constexpr auto doc =
      "Elementwise lhs / rhs of arrays whose axes are equal or 1; integers are divided toward 0, "
      "and x / 0 is 0.";
};
TREADLE_REGISTER_OP(BroadcastDiv);

}  // namespace
}  // namespace treadle::ops
