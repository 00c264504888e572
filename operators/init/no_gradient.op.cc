// _NoGradient: what stands in old graphs for the gradient of an array that has none.
#include "treadle/operators/elementwise.h"

namespace treadle::ops {
namespace {

struct NoGradient {
  static constexpr auto name = "_NoGradient";
  static constexpr auto doc =
      "Stands for the gradient of an array that has none: zeros, of the shape and type that follow "
      "from their use.";
  static constexpr std::array<std::string_view, 0> inputs = {};
  static constexpr TypeSet types = all_types;

  static void infer_shape(const NoParams&, ShapeInference&) {}

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Fill{0});
  }
};
TREADLE_REGISTER_OP(NoGradient);

}  // namespace
}  // namespace treadle::ops
