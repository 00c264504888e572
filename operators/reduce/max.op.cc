// max: the largest element along axes.
#include "treadle/operators/reduce/extreme.h"

namespace treadle::ops {
namespace {

struct Max : Extreme<Fold::max> {
  static constexpr auto name = "max";
  static constexpr auto aliases = names("max_axis");
  static constexpr auto doc =
      "The largest element of data along the given axes, NaN where one is. Each of several equal "
      "ones gets the whole gradient.";
};
TREADLE_REGISTER_OP(Max);

}  // namespace
}  // namespace treadle::ops
