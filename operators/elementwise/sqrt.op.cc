// sqrt: the square root.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Sqrt : UnaryFromOutput<Sqrt> {
  static constexpr auto name = "sqrt";
  static constexpr auto doc = "Elementwise square root.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::sqrt(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return T(0.5) / y;
  }
};
TREADLE_REGISTER_OP(Sqrt);

}  // namespace
}  // namespace treadle::ops
