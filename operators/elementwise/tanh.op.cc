// tanh: the hyperbolic tangent.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Tanh : UnaryFromOutput<Tanh> {
  static constexpr auto name = "tanh";
  static constexpr auto doc = "Elementwise hyperbolic tangent.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::tanh(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return T(1) - y * y;
  }
};
TREADLE_REGISTER_OP(Tanh);

}  // namespace
}  // namespace treadle::ops
