// BatchNorm: each channel of data brought to mean beta and deviation gamma.
#include "treadle/graph/partial_shapes.h"
#include "treadle/operators/nn/batch_norm_op.h"

namespace treadle::ops {
namespace {

struct BatchNorm : BatchNormOp {
  static constexpr auto name = "BatchNorm";
};
TREADLE_REGISTER_OP(BatchNorm);

[[maybe_unused]] const bool yields = [] {
  OpRegistry::instance().extend(BatchNorm::name, [](OpRecord& record) {
    record.attributes.edit<PartialShapes>().yielding = {in(1), in(2)};
  });
  return true;
}();

}  // namespace
}  // namespace treadle::ops
