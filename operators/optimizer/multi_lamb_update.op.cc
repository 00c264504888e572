// _multi_lamb_update: steps of LAMB on many weights.
#include "treadle/operators/optimizer/many_lamb.h"

namespace treadle::ops {
namespace {

struct MultiLambUpdate : ManyLamb<false> {
  static constexpr auto name = "_multi_lamb_update";
  static constexpr auto doc =
      "A step of LAMB, for each of num_tensors weights; the inputs are "
      "(weight, grad, mean, var) of each.";
};
TREADLE_REGISTER_ORDERED_OP(MultiLambUpdate);

}  // namespace
}  // namespace treadle::ops
