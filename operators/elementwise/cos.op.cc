// cos: the cosine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Cos : UnaryFromInput<Cos> {
  static constexpr auto name = "cos";
  static constexpr auto doc = "Elementwise cosine of radians.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::cos(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::sin;
    return -sin(x);
  }
};
TREADLE_REGISTER_OP(Cos);

}  // namespace
}  // namespace treadle::ops
