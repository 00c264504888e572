// log_softmax: logarithms of probabilities, without leaving the range of exp.
#include "treadle/operators/nn/softmax_family.h"

namespace treadle::ops {
namespace {

struct LogSoftmax : SoftmaxFamily<SoftmaxKind::log_softmax> {
  static constexpr auto name = "log_softmax";
  static constexpr auto doc = "The logarithm of softmax of data along an axis.";
};
TREADLE_REGISTER_OP(LogSoftmax);

}  // namespace
}  // namespace treadle::ops
