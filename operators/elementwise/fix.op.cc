// fix: the nearest whole number toward 0.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Fix : UnaryFlat<Fix> {
  static constexpr auto name = "fix";
  static constexpr auto doc = "Elementwise nearest whole number toward 0.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_integral_v<T>) {
      return x;
    } else {
      return std::trunc(x);
    }
  }
};
TREADLE_REGISTER_OP(Fix);

}  // namespace
}  // namespace treadle::ops
