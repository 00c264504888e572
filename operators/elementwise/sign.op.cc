// sign: -1, 0 or 1.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Sign : UnaryFlat<Sign> {
  static constexpr auto name = "sign";
  static constexpr auto doc = "Elementwise sign: -1, 0 or 1.";

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_unsigned_v<T>) {
      return T(x > T(0));
    } else {
      return T(T(x > T(0)) - T(x < T(0)));
    }
  }
};
TREADLE_REGISTER_OP(Sign);

}  // namespace
}  // namespace treadle::ops
