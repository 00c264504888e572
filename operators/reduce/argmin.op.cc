// argmin: where the smallest element lies.
#include "treadle/operators/reduce/arg_extreme.h"

namespace treadle::ops {
namespace {

struct ArgMin : ArgExtreme<false> {
  static constexpr auto name = "argmin";
  static constexpr auto doc =
      "The index along an axis of the smallest element of data, the first of equal ones, as a "
      "number of the type of data.";
};
TREADLE_REGISTER_OP(ArgMin);

}  // namespace
}  // namespace treadle::ops
