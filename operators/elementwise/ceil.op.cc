// ceil: the nearest whole number that is not smaller.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Ceil : UnaryFlat<Ceil> {
  static constexpr auto name = "ceil";
  static constexpr auto doc = "Elementwise nearest whole number that is not smaller.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_integral_v<T>) {
      return x;
    } else {
      return std::ceil(x);
    }
  }
};
TREADLE_REGISTER_OP(Ceil);

}  // namespace
}  // namespace treadle::ops
