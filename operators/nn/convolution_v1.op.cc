// Convolution_v1: the name under which old models have Convolution.
#include "treadle/operators/nn/convolution_op.h"

namespace treadle::ops {
namespace {

struct ConvolutionV1 : ConvolutionOp {
  static constexpr auto name = "Convolution_v1";
};
TREADLE_REGISTER_OP(ConvolutionV1);

}  // namespace
}  // namespace treadle::ops
