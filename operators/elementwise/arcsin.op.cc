// arcsin: the inverse sine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Arcsin : UnaryFromInput<Arcsin> {
  static constexpr auto name = "arcsin";
  static constexpr auto doc = "Elementwise inverse sine, in radians from -pi/2 to pi/2.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::asin(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::sqrt;
    return T(1) / sqrt(T(1) - x * x);
  }
};
TREADLE_REGISTER_OP(Arcsin);

}  // namespace
}  // namespace treadle::ops
