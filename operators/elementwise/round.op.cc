// round: to the nearest whole number.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Round : UnaryFlat<Round> {
  static constexpr auto name = "round";
  static constexpr auto doc = "Elementwise nearest whole number; halves are rounded away from 0.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_integral_v<T>) {
      return x;
    } else {
      return std::round(x);
    }
  }
};
TREADLE_REGISTER_OP(Round);

}  // namespace
}  // namespace treadle::ops
