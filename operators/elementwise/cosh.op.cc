// cosh: the hyperbolic cosine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Cosh : UnaryFromInput<Cosh> {
  static constexpr auto name = "cosh";
  static constexpr auto doc = "Elementwise hyperbolic cosine.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::cosh(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::sinh;
    return sinh(x);
  }
};
TREADLE_REGISTER_OP(Cosh);

}  // namespace
}  // namespace treadle::ops
