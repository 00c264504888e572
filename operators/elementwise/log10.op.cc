// log10: the logarithm to base 10.
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Log10 : UnaryFromInput<Log10> {
  static constexpr auto name = "log10";
  static constexpr auto doc = "Elementwise logarithm to base 10.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::log10(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(0.43429448190325182765) / x;
  }
};
TREADLE_REGISTER_OP(Log10);

}  // namespace
}  // namespace treadle::ops
