// arctanh: the inverse hyperbolic tangent.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Arctanh : UnaryFromInput<Arctanh> {
  static constexpr auto name = "arctanh";
  static constexpr auto doc = "Elementwise inverse hyperbolic tangent.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::atanh(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1) / (T(1) - x * x);
  }
};
TREADLE_REGISTER_OP(Arctanh);

}  // namespace
}  // namespace treadle::ops
