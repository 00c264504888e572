// relu: max(data, 0).
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Relu : UnaryFromOutput<Relu> {
  static constexpr auto name = "relu";
  static constexpr auto doc = "Elementwise max(data, 0); its gradient at 0 is 0, at NaN NaN.";
  static constexpr TypeSet types = numeric_types;

  template <class T>
  TREADLE_HD static T value(T x) {
    if constexpr (std::is_unsigned_v<T>) {
      return x;
    } else {
      return x < T(0) ? T(0) : x;
    }
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return y != y ? y : T(y > T(0));
  }
  static Term slope(const Term& y) { return is_positive(y); }
};
TREADLE_REGISTER_OP(Relu);

}  // namespace
}  // namespace treadle::ops
