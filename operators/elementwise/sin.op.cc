// sin: the sine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Sin : UnaryFromInput<Sin> {
  static constexpr auto name = "sin";
  static constexpr auto doc = "Elementwise sine of radians.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::sin(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::cos;
    return cos(x);
  }
};
TREADLE_REGISTER_OP(Sin);

}  // namespace
}  // namespace treadle::ops
