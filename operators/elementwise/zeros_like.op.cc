// zeros_like: zeros in the shape of data.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ZerosLike : Unary {
  static constexpr auto name = "zeros_like";
  static constexpr auto doc = "Zeros of the shape and type of data.";
  static constexpr bool zero_gradient = true;

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Fill{0});
  }
};
TREADLE_REGISTER_OP(ZerosLike);

}  // namespace
}  // namespace treadle::ops
