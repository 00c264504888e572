// exp: e^data.
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Exp : UnaryFromOutput<Exp> {
  static constexpr auto name = "exp";
  static constexpr auto doc = "Elementwise e^data.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::exp(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return y;
  }
};
TREADLE_REGISTER_OP(Exp);

}  // namespace
}  // namespace treadle::ops
