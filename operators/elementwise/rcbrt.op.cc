// rcbrt: 1 / cbrt(data).
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Rcbrt : UnaryFromInput<Rcbrt> {
  static constexpr auto name = "rcbrt";
  static constexpr auto doc = "Elementwise 1 / cbrt(data).";

  template <class T>
  TREADLE_HD static T value(T x) {
    return T(1) / std::cbrt(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::cbrt;
    return T(-1) / (T(3) * x * cbrt(x));
  }
};
TREADLE_REGISTER_OP(Rcbrt);

}  // namespace
}  // namespace treadle::ops
