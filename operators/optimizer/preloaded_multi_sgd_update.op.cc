// preloaded_multi_sgd_update: sgd_update on many weights, with learning rates that are inputs.
#include "treadle/operators/optimizer/many_sgd.h"

namespace treadle::ops {
namespace {

struct PreloadedMultiSgdUpdate : ManySgd<PreloadedSgdParams, false> {
  static constexpr auto name = "preloaded_multi_sgd_update";
  static constexpr auto doc =
      "sgd_update on each of num_weights weights; the "
      "inputs are (weight, grad) of each, then lrs and "
      "wds, a learning rate and a weight decay for each.";
};
TREADLE_REGISTER_ORDERED_OP(PreloadedMultiSgdUpdate);

}  // namespace
}  // namespace treadle::ops
