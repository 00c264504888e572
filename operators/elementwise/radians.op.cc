// radians: from degrees to radians.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Radians : UnaryFromInput<Radians> {
  static constexpr auto name = "radians";
  static constexpr auto doc = "Elementwise angle in radians of data in degrees.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return x * T(0.01745329251994329577);
  }
  template <class T>
  TREADLE_HD static T slope(T) {
    return T(0.01745329251994329577);
  }
};
TREADLE_REGISTER_OP(Radians);

}  // namespace
}  // namespace treadle::ops
