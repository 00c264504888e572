// gammaln: log |gamma(data)|.
#include <cmath>

#include "treadle/operators/elementwise/families.h"
#include "treadle/operators/elementwise/special.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Gammaln : UnaryFromInput<Gammaln> {
  static constexpr auto name = "gammaln";
  static constexpr auto doc = "Elementwise logarithm of the absolute value of the gamma function.";

  template <class T>
  TREADLE_HD static T value(T x) {
    return math::log_gamma(x);
  }
  // There is no operator for what this becomes when it is differentiated.
  static void compose_gradient(const NoParams&, GradientBuilder&) = delete;
  template <class T>
  TREADLE_HD static T slope(T x) {
    return math::digamma(x);
  }
};
TREADLE_REGISTER_OP(Gammaln);

}  // namespace
}  // namespace treadle::ops
