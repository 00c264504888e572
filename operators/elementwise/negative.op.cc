// negative: -data.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Negative : Unary {
  static constexpr auto name = "negative";
  static constexpr auto doc = "Elementwise -data.";
  static constexpr TypeSet types = numeric_types;

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Negate(), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("negative", {g.out_grad(0)}));
  }
};
TREADLE_REGISTER_OP(Negative);

}  // namespace
}  // namespace treadle::ops
