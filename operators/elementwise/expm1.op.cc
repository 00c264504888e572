// expm1: e^data - 1.
#include <cmath>

#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Expm1 : UnaryFromInput<Expm1> {
  static constexpr auto name = "expm1";
  static constexpr auto doc = "Elementwise e^data - 1, exact near 0.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::expm1(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return math::exp(x);
  }
};
TREADLE_REGISTER_OP(Expm1);

}  // namespace
}  // namespace treadle::ops
