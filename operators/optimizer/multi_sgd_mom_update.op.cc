// multi_sgd_mom_update: sgd_mom_update on many weights.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct MultiSgdMomUpdate : ManySgd<ManySgdMomParams, false> {
  static constexpr auto name = "multi_sgd_mom_update";
  static constexpr auto doc =
      "sgd_mom_update on each of num_weights weights; the "
      "inputs are (weight, grad, mom) of each.";
};
TREADLE_REGISTER_ORDERED_OP(MultiSgdMomUpdate);

}  // namespace
}  // namespace treadle::ops
