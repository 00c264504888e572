// abs: |data|.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Abs : UnaryFromInput<Abs> {
  static constexpr auto name = "abs";
  static constexpr auto doc = "Elementwise absolute value; its gradient at 0 is 0.";
  static constexpr TypeSet types = numeric_types;

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_unsigned_v<T>) {
      return x;
    } else if constexpr (std::is_integral_v<T>) {
      return x < T(0) ? Negate()(x) : x;
    } else {
      return std::abs(x);
    }
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    if constexpr (std::is_unsigned_v<T>) {
      return T(x > T(0));
    } else {
      return T(x > T(0)) - T(x < T(0));
    }
  }
  static Term slope(const Term& x) { return x.apply("sign"); }
};
TREADLE_REGISTER_OP(Abs);

}  // namespace
}  // namespace treadle::ops
