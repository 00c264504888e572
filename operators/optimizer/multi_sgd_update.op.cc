// multi_sgd_update: sgd_update on many weights.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct MultiSgdUpdate : ManySgd<ManySgdParams, false> {
  static constexpr auto name = "multi_sgd_update";
  static constexpr auto doc =
      "sgd_update on each of num_weights weights; the "
      "inputs are (weight, grad) of each.";
};
TREADLE_REGISTER_ORDERED_OP(MultiSgdUpdate);

}  // namespace
}  // namespace treadle::ops
