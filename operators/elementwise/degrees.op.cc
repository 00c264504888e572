// degrees: from radians to degrees.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Degrees : UnaryFromInput<Degrees> {
  static constexpr auto name = "degrees";
  static constexpr auto doc = "Elementwise angle in degrees of data in radians.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return x * T(57.29577951308232087680);
  }
  template <class T>
  TREADLE_HD static T slope(T) {
    return T(57.29577951308232087680);
  }
};
TREADLE_REGISTER_OP(Degrees);

}  // namespace
}  // namespace treadle::ops
