// ones_like: ones in the shape of data.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct OnesLike : Unary {
  static constexpr auto name = "ones_like";
  static constexpr auto doc = "Ones of the shape and type of data.";
  static constexpr bool zero_gradient = true;

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Fill{1});
  }
};
TREADLE_REGISTER_OP(OnesLike);

}  // namespace
}  // namespace treadle::ops
