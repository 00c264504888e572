// min: the smallest element along axes.
#include "treadle/operators/reduce/extreme.h"

namespace treadle::ops {
namespace {

struct Min : Extreme<Fold::min> {
  static constexpr auto name = "min";
  static constexpr auto aliases = names("min_axis");
  static constexpr auto doc =
      "The smallest element of data along the given axes, NaN where one is. Each of several equal "
      "ones gets the whole gradient.";
};
TREADLE_REGISTER_OP(Min);

}  // namespace
}  // namespace treadle::ops
