// _contrib_gradientmultiplier: data itself, with a factor of its gradient.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct GradientMultiplier : Unary {
  static constexpr auto name = "_contrib_gradientmultiplier";
  static constexpr auto doc = "Passes data on, and the gradient that arrives times scalar back.";
  static constexpr TypeSet types = numeric_types;

  struct Params {
    double scalar = 1;
    bool is_int = true;
    static constexpr auto fields =
        reflect(field("scalar", &Params::scalar, "Factor of the gradient."),
                field("is_int", &Params::is_int, "Whether the number was written as an integer."));
  };
  static constexpr auto backward_reads = reads(out_grad(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(0), WithScalar<Multiply>{p.scalar}, out_grad(0));
  }
};
TREADLE_REGISTER_OP(GradientMultiplier);

}  // namespace
}  // namespace treadle::ops
