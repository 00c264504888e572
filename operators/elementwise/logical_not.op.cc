// logical_not: 1 where data is 0, else 0.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct LogicalNot : UnaryFlat<LogicalNot> {
  static constexpr auto name = "logical_not";
  static constexpr auto doc = "Elementwise 1 where data is 0, else 0.";
  static constexpr TypeSet types = all_types;

  template <class T>
  TREADLE_HD static T value(T x) {
    return T(x == T(0));
  }
};
TREADLE_REGISTER_OP(LogicalNot);

}  // namespace
}  // namespace treadle::ops
