// elemwise_div: lhs / rhs.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct ElemwiseDiv : Binary {
  static constexpr auto name = "elemwise_div";
  static constexpr auto aliases = names("_div", "_Div");
  static constexpr auto doc =
      "Elementwise lhs / rhs of two arrays of one shape. Integers are divided toward 0; x / 0 is "
      "0.";

  struct RightGradient {
    template <class T>
    TREADLE_HD T operator()(T dy, T a, T b) const {
      return -dy * a / (b * b);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), in(0), in(1));
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Divide(), in(0), in(1));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), Divide(), out_grad(0), in(1));
    elementwise(call, in_grad(1), RightGradient(), out_grad(0), in(0), in(1));
  }
};
TREADLE_REGISTER_OP(ElemwiseDiv);

}  // namespace
}  // namespace treadle::ops
