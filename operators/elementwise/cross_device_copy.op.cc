// _CrossDeviceCopy: what the placement pass puts on an edge between two devices. The executor runs
// it as a copy of a stream; on one device it is a copy like any other.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct CrossDeviceCopy : Unary {
  static constexpr auto name = "_CrossDeviceCopy";
  static constexpr auto doc = "A copy of data on the device of the node that reads it.";

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("_CrossDeviceCopy", {g.out_grad(0)}));
  }
};
TREADLE_REGISTER_OP(CrossDeviceCopy);

}  // namespace
}  // namespace treadle::ops
