// _multi_adamw_update: _adamw_update on many weights.
#include "treadle/operators/optimizer/many_adamw.h"

namespace treadle::ops {
namespace {

struct MultiAdamwUpdate : ManyAdamw<false> {
  static constexpr auto name = "_multi_adamw_update";
  static constexpr auto doc =
      "_adamw_update on each of num_weights weights; the inputs are (weight, grad, mean, var) of "
      "each, then rescale_grad.";
};
TREADLE_REGISTER_ORDERED_OP(MultiAdamwUpdate);

}  // namespace
}  // namespace treadle::ops
