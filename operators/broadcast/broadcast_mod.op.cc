// broadcast_mod: lhs modulo rhs.
#include "treadle/operators/broadcast/families.h"

namespace treadle::ops {
namespace {

struct BroadcastMod : BroadcastWithGradient<Mod, ModLeft, ModRight> {
  static constexpr auto name = "broadcast_mod";
  static constexpr auto doc =
      "Elementwise rest of lhs divided by rhs, with the sign of rhs; 0 where rhs is 0; for arrays "
      "whose axes are equal or 1.";
};
TREADLE_REGISTER_OP(BroadcastMod);

}  // namespace
}  // namespace treadle::ops
