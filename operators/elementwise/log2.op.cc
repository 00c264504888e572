// log2: the logarithm to base 2.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Log2 : UnaryFromInput<Log2> {
  static constexpr auto name = "log2";
  static constexpr auto doc = "Elementwise logarithm to base 2.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::log2(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1.44269504088896340736) / x;
  }
};
TREADLE_REGISTER_OP(Log2);

}  // namespace
}  // namespace treadle::ops
