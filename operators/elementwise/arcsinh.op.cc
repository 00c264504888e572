// arcsinh: the inverse hyperbolic sine.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Arcsinh : UnaryFromInput<Arcsinh> {
  static constexpr auto name = "arcsinh";
  static constexpr auto doc = "Elementwise inverse hyperbolic sine.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::asinh(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1) / std::hypot(T(1), x);
  }
  static Term slope(const Term& x) { return Term(1) / x.apply("_hypot_scalar", {{"scalar", "1"}}); }
};
TREADLE_REGISTER_OP(Arcsinh);

}  // namespace
}  // namespace treadle::ops
