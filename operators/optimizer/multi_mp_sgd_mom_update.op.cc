// multi_mp_sgd_mom_update: mp_sgd_mom_update on many weights.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct MultiMpSgdMomUpdate : ManySgd<ManySgdMomParams, true> {
  static constexpr auto name = "multi_mp_sgd_mom_update";
  static constexpr auto doc =
      "mp_sgd_mom_update on each of num_weights weights; the "
      "inputs are (weight, grad, mom, weight32) of each.";
};
TREADLE_REGISTER_ORDERED_OP(MultiMpSgdMomUpdate);

}  // namespace
}  // namespace treadle::ops
