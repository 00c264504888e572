// trunc: the whole part.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Trunc : UnaryFlat<Trunc> {
  static constexpr auto name = "trunc";
  static constexpr auto doc = "Elementwise whole part.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_integral_v<T>) {
      return x;
    } else {
      return std::trunc(x);
    }
  }
};
TREADLE_REGISTER_OP(Trunc);

}  // namespace
}  // namespace treadle::ops
