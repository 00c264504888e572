// _rnn_param_concat: the weights of a recurrent layer side by side, as its operator takes them.
#include "treadle/operators/shape/joined.h"

namespace treadle::ops {
namespace {

struct RnnParamConcat : Joined {
  static constexpr auto name = "_rnn_param_concat";
  static constexpr auto doc =
      "Joins the inputs along one axis, as Concat: the weights of a recurrent layer become the one "
      "array that RNN takes.";
};
TREADLE_REGISTER_OP(RnnParamConcat);

}  // namespace
}  // namespace treadle::ops
