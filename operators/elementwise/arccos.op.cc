// arccos: the inverse cosine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Arccos : UnaryFromInput<Arccos> {
  static constexpr auto name = "arccos";
  static constexpr auto doc = "Elementwise inverse cosine, in radians from 0 to pi.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::acos(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::sqrt;
    return T(-1) / sqrt(T(1) - x * x);
  }
};
TREADLE_REGISTER_OP(Arccos);

}  // namespace
}  // namespace treadle::ops
