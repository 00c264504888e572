// CuDNNBatchNorm: the name under which models trained on GPUs by the first releases have BatchNorm.
#include "treadle/operators/nn/batch_norm_op.h"

namespace treadle::ops {
namespace {

struct CudnnBatchNorm : BatchNormOp {
  static constexpr auto name = "CuDNNBatchNorm";
};
TREADLE_REGISTER_OP(CudnnBatchNorm);

}  // namespace
}  // namespace treadle::ops
