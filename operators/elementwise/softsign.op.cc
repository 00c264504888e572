// softsign: data / (1 + |data|).
#include <cmath>

#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct Softsign : UnaryFromInput<Softsign> {
  static constexpr auto name = "softsign";
  static constexpr auto doc = "Elementwise data / (1 + |data|).";

  template <class T>
  TREADLE_HD static T value(T x) {
    return x / (T(1) + std::abs(x));
  }
  template <class T>
  TREADLE_HD static T slope(T x) {
    using std::abs;
    return T(1) / ((T(1) + abs(x)) * (T(1) + abs(x)));
  }
};
TREADLE_REGISTER_OP(Softsign);

}  // namespace
}  // namespace treadle::ops
