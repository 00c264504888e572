// _multi_mp_lamb_update: steps of LAMB on many weights, in mixed precision.
#include "treadle/operators/optimizer/many_lamb.h"

namespace treadle::ops {
namespace {

struct MultiMpLambUpdate : ManyLamb<true> {
  static constexpr auto name = "_multi_mp_lamb_update";
  static constexpr auto doc =
      "A step of LAMB on weight32, the weight in "
      "float32, from which the result is rounded, for each of num_tensors weights; the inputs are "
      "(weight, grad, mean, var, weight32) of each.";
};
TREADLE_REGISTER_ORDERED_OP(MultiMpLambUpdate);

}  // namespace
}  // namespace treadle::ops
