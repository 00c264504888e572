// sigmoid: 1 / (1 + e^-data).
#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/math.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Sigmoid : UnaryFromOutput<Sigmoid> {
  static constexpr auto name = "sigmoid";
  static constexpr auto doc = "Elementwise 1 / (1 + e^-data).";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::sigmoid(x);
  }
  template <class T>
  TREADLE_HD static T slope(T y) {
    return y * (T(1) - y);
  }
};
TREADLE_REGISTER_OP(Sigmoid);

}  // namespace
}  // namespace treadle::ops
