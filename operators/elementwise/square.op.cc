// square: data^2.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Square : UnaryFromInput<Square> {
  static constexpr auto name = "square";
  static constexpr auto doc = "Elementwise data * data.";
  static constexpr TypeSet types = numeric_types;

  template <class T>
  TREADLE_HD static T value(T x) {
    return Multiply()(x, x);
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    return Add()(x, x);
  }
  static Term slope(const Term& x) { return Term(2) * x; }
};
TREADLE_REGISTER_OP(Square);

}  // namespace
}  // namespace treadle::ops
