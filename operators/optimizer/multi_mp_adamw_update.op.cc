// _multi_mp_adamw_update: _mp_adamw_update on many weights.
#include "treadle/operators/optimizer/many_adamw.h"

namespace treadle::ops {
namespace {

struct MultiMpAdamwUpdate : ManyAdamw<true> {
  static constexpr auto name = "_multi_mp_adamw_update";
  static constexpr auto doc =
      "_mp_adamw_update on each of num_weights weights; the inputs are (weight, grad, mean, var, "
      "weight32) of "
      "each, then rescale_grad.";
};
TREADLE_REGISTER_ORDERED_OP(MultiMpAdamwUpdate);

}  // namespace
}  // namespace treadle::ops
