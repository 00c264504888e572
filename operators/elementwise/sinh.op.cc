// sinh: the hyperbolic sine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Sinh : UnaryFromInput<Sinh> {
  static constexpr auto name = "sinh";
  static constexpr auto doc = "Elementwise hyperbolic sine.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::sinh(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::cosh;
    return cosh(x);
  }
};
TREADLE_REGISTER_OP(Sinh);

}  // namespace
}  // namespace treadle::ops
