// arccosh: the inverse hyperbolic cosine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Arccosh : UnaryFromInput<Arccosh> {
  static constexpr auto name = "arccosh";
  static constexpr auto doc = "Elementwise inverse hyperbolic cosine, at least 0.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::acosh(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::sqrt;
    return T(1) / sqrt(x * x - T(1));
  }
};
TREADLE_REGISTER_OP(Arccosh);

}  // namespace
}  // namespace treadle::ops
