// log: the natural logarithm.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Log : UnaryFromInput<Log> {
  static constexpr auto name = "log";
  static constexpr auto doc = "Elementwise natural logarithm.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::log(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1) / x;
  }
};
TREADLE_REGISTER_OP(Log);

}  // namespace
}  // namespace treadle::ops
