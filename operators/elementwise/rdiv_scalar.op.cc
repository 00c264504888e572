// _rdiv_scalar: scalar / data.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct RDivScalar : Scalar<ScalarWith<Divide>> {
  static constexpr auto name = "_rdiv_scalar";
  static constexpr auto aliases = names("_RDivScalar");
  static constexpr auto doc =
      "Elementwise scalar / data. Integers are divided toward 0; x / 0 is 0.";

  struct Gradient {
    double scalar;
    template <class T>
    TREADLE_HD T operator()(T dy, T x) const {
      return -dy * T(scalar) / (x * x);
    }
  };

  static constexpr auto backward_reads = reads(out_grad(0), in(0));
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), Gradient{p.scalar}, out_grad(0), in(0));
  }
};
TREADLE_REGISTER_OP(RDivScalar);

}  // namespace
}  // namespace treadle::ops
