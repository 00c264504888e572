// log1p: log(1 + data).
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Log1p : UnaryFromInput<Log1p> {
  static constexpr auto name = "log1p";
  static constexpr auto doc = "Elementwise log(1 + data), exact near 0.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::log1p(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1) / (T(1) + x);
  }
};
TREADLE_REGISTER_OP(Log1p);

}  // namespace
}  // namespace treadle::ops
