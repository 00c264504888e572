// rsqrt: 1 / sqrt(data).
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Rsqrt : UnaryFromInput<Rsqrt> {
  static constexpr auto name = "rsqrt";
  static constexpr auto doc = "Elementwise 1 / sqrt(data).";

  template <class T>
  TREADLE_HD static T value(T x) {
    return T(1) / std::sqrt(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::sqrt;
    return T(-0.5) / (x * sqrt(x));
  }
};
TREADLE_REGISTER_OP(Rsqrt);

}  // namespace
}  // namespace treadle::ops
