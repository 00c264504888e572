// floor: the nearest whole number that is not larger.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Floor : UnaryFlat<Floor> {
  static constexpr auto name = "floor";
  static constexpr auto doc = "Elementwise nearest whole number that is not larger.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_integral_v<T>) {
      return x;
    } else {
      return std::floor(x);
    }
  }
};
TREADLE_REGISTER_OP(Floor);

}  // namespace
}  // namespace treadle::ops
