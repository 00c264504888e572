// arctan: the inverse tangent.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Arctan : UnaryFromInput<Arctan> {
  static constexpr auto name = "arctan";
  static constexpr auto doc = "Elementwise inverse tangent, in radians from -pi/2 to pi/2.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::atan(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1) / (x * x + T(1));
  }
};
TREADLE_REGISTER_OP(Arctan);

}  // namespace
}  // namespace treadle::ops
