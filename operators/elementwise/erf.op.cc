// erf: the error function.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Erf : UnaryFromInput<Erf> {
  static constexpr auto name = "erf";
  static constexpr auto doc = "Elementwise error function.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::erf(x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return T(1.12837916709551257390) * math::exp(-x * x);
  }
};
TREADLE_REGISTER_OP(Erf);

}  // namespace
}  // namespace treadle::ops
