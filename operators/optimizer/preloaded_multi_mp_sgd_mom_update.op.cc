// preloaded_multi_mp_sgd_mom_update: mp_sgd_mom_update on many weights, with learning rates that
// are inputs.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct PreloadedMultiMpSgdMomUpdate : ManySgd<PreloadedSgdMomParams, true> {
  static constexpr auto name = "preloaded_multi_mp_sgd_mom_update";
  static constexpr auto doc =
      "mp_sgd_mom_update on each of num_weights weights; the "
      "inputs are (weight, grad, mom, weight32) of each, then lrs and "
      "wds, a learning rate and a weight decay for each.";
};
TREADLE_REGISTER_ORDERED_OP(PreloadedMultiMpSgdMomUpdate);

}  // namespace
}  // namespace treadle::ops
