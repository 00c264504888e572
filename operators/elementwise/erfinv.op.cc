// erfinv: the inverse error function.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/special.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Erfinv : UnaryFromOutput<Erfinv> {
  static constexpr auto name = "erfinv";
  static constexpr auto doc = "Elementwise inverse of the error function; NaN outside -1 to 1.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::erfinv(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return T(0.88622692545275801365) * math::exp(y * y);
  }
};
TREADLE_REGISTER_OP(Erfinv);

}  // namespace
}  // namespace treadle::ops
