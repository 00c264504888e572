// gamma: the gamma function.
#include <cmath>

#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/special.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Gamma : UnaryFromInput<Gamma> {
  static constexpr auto name = "gamma";
  static constexpr auto doc = "Elementwise gamma function, (data - 1)! for whole numbers.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return std::tgamma(x);
  }
  // There is no operator for what this becomes when it is differentiated.
  static void compose_gradient(const NoParams&, GradientBuilder&) = delete;
  template <class T>
  TREADLE_HD static T slope(T x) {
    return std::tgamma(x) * math::digamma(x);
  }
};
TREADLE_REGISTER_OP(Gamma);

}  // namespace
}  // namespace treadle::ops
