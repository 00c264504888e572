// softmax: scores to probabilities along one axis.
#include "treadle/operators/nn/softmax_family.h"

namespace treadle::ops {
namespace {

struct SoftmaxAlongAxis : SoftmaxFamily<SoftmaxKind::softmax> {
  static constexpr auto name = "softmax";
  static constexpr auto doc = "Exponentials of data along an axis, divided by their sum.";
};
TREADLE_REGISTER_OP(SoftmaxAlongAxis);

}  // namespace
}  // namespace treadle::ops
