// Convolution over one, two or three spatial axes, with groups.
#include "treadle/operators/nn/convolution_op.h"

namespace treadle::ops {
namespace {

struct Convolution : ConvolutionOp {
  static constexpr auto name = "Convolution";
};
TREADLE_REGISTER_OP(Convolution);

}  // namespace
}  // namespace treadle::ops
