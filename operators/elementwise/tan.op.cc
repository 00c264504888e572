// tan: the tangent.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Tan : UnaryFromOutput<Tan> {
  static constexpr auto name = "tan";
  static constexpr auto doc = "Elementwise tangent of radians.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::tan(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return y * y + T(1);
  }
};
TREADLE_REGISTER_OP(Tan);

}  // namespace
}  // namespace treadle::ops
