// multi_mp_sgd_update: mp_sgd_update on many weights.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct MultiMpSgdUpdate : ManySgd<ManySgdParams, true> {
  static constexpr auto name = "multi_mp_sgd_update";
  static constexpr auto doc =
      "mp_sgd_update on each of num_weights weights; the "
      "inputs are (weight, grad, weight32) of each.";
};
TREADLE_REGISTER_ORDERED_OP(MultiMpSgdUpdate);

}  // namespace
}  // namespace treadle::ops
