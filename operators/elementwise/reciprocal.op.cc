// reciprocal: 1 / data.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Reciprocal : UnaryFromInput<Reciprocal> {
  static constexpr auto name = "reciprocal";
  static constexpr auto doc = "Elementwise 1 / data.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return T(1) / x;
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(-1) / (x * x);
  }
};
TREADLE_REGISTER_OP(Reciprocal);

}  // namespace
}  // namespace treadle::ops
