// preloaded_multi_mp_sgd_update: mp_sgd_update on many weights, with learning rates that are
// inputs.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct PreloadedMultiMpSgdUpdate : ManySgd<PreloadedSgdParams, true> {
  static constexpr auto name = "preloaded_multi_mp_sgd_update";
  static constexpr auto doc =
      "mp_sgd_update on each of num_weights weights; the "
      "inputs are (weight, grad, weight32) of each, then lrs and "
      "wds, a learning rate and a weight decay for each.";
};
TREADLE_REGISTER_ORDERED_OP(PreloadedMultiMpSgdUpdate);

}  // namespace
}  // namespace treadle::ops
