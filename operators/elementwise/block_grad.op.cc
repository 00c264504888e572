// BlockGrad: passes data on, and no gradient back.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct BlockGrad : Unary {
  static constexpr auto name = "BlockGrad";
  static constexpr auto aliases = names("stop_gradient");
  static constexpr auto doc = "Passes data on unchanged and lets no gradient through: it is 0.";
  static constexpr bool zero_gradient = true;

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
};
TREADLE_REGISTER_OP(BlockGrad);

}  // namespace
}  // namespace treadle::ops
