// cbrt: the cube root.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Cbrt : UnaryFromOutput<Cbrt> {
  static constexpr auto name = "cbrt";
  static constexpr auto doc = "Elementwise cube root.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::cbrt(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return T(1) / (T(3) * y * y);
  }
};
TREADLE_REGISTER_OP(Cbrt);

}  // namespace
}  // namespace treadle::ops
