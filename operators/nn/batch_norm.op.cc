// BatchNorm: each channel of data brought to mean beta and deviation gamma.
#include "treadle/operators/nn/batch_norm_op.h"

namespace treadle::ops {
namespace {

struct BatchNorm : BatchNormOp {
  static constexpr auto name = "BatchNorm";
};
TREADLE_REGISTER_OP(BatchNorm);

}  // namespace
}  // namespace treadle::ops
