// _contrib_div_sqrt_dim: data over the square root of its last extent.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {
namespace {

struct DivSqrtDim : Unary {
  static constexpr auto name = "_contrib_div_sqrt_dim";
  static constexpr auto doc =
      "Data over the square root of its last extent, as attention scales its products.";
  static constexpr TypeSet types = floating_types;
  static constexpr auto backward_reads = reads(out_grad(0));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  static WithScalar<Multiply> factor(const Tensor& data) {
    const Shape& shape = data.shape();
    return {1 / std::sqrt(double(shape[shape.ndim() - 1]))};
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), factor(call.read(in(0))), in(0));
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), factor(call.read(out_grad(0))), out_grad(0));
  }
};
TREADLE_REGISTER_OP(DivSqrtDim);

}  // namespace
}  // namespace treadle::ops
