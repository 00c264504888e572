// make_loss: marks data as a loss.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct MakeLossSimple : Unary {
  static constexpr auto name = "make_loss";
  static constexpr auto doc = "Passes data on; its gradient is 1, whatever gradient arrives.";
  static constexpr auto outputs = names("loss");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool is_loss = true;

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.apply("ones_like", {g.out(0)}));
  }
};
TREADLE_REGISTER_OP(MakeLossSimple);

}  // namespace
}  // namespace treadle::ops
