// softmin: softmax of the negated scores.
#include "treadle/operators/nn/softmax_family.h"

namespace treadle::ops {
namespace {

struct Softmin : SoftmaxFamily<SoftmaxKind::softmin> {
  static constexpr auto name = "softmin";
  static constexpr auto doc = "Softmax of -data along an axis.";
};
TREADLE_REGISTER_OP(Softmin);

}  // namespace
}  // namespace treadle::ops
