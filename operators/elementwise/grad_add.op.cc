// _grad_add: lhs + rhs, as old graphs add gradients.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct GradAdd : Binary {
  static constexpr auto name = "_grad_add";
  static constexpr auto doc =
      "Elementwise lhs + rhs of two arrays of one shape, as graphs of old add gradients; it has no "
      "gradient of its own.";

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Add(), in(0), in(1));
  }
};
TREADLE_REGISTER_OP(GradAdd);

}  // namespace
}  // namespace treadle::ops
