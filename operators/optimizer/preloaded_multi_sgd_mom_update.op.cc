// preloaded_multi_sgd_mom_update: sgd_mom_update on many weights, with learning rates that are
// inputs.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct PreloadedMultiSgdMomUpdate : ManySgd<PreloadedSgdMomParams, false> {
  static constexpr auto name = "preloaded_multi_sgd_mom_update";
  static constexpr auto doc =
      "sgd_mom_update on each of num_weights weights; the "
      "inputs are (weight, grad, mom) of each, then lrs and "
      "wds, a learning rate and a weight decay for each.";
};
TREADLE_REGISTER_ORDERED_OP(PreloadedMultiSgdMomUpdate);

}  // namespace
}  // namespace treadle::ops
