// rint: to the nearest whole number.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Rint : UnaryFlat<Rint> {
  static constexpr auto name = "rint";
  static constexpr auto doc = "Elementwise nearest whole number; halves are rounded down.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_integral_v<T>) {
      return x;
    } else {
      const T below = std::floor(x), above = std::ceil(x);
      return x - below <= above - x ? below : above;
    }
  }
};
TREADLE_REGISTER_OP(Rint);

}  // namespace
}  // namespace treadle::ops
