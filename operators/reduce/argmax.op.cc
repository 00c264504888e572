// argmax: where the largest element lies.
#include "treadle/operators/reduce/arg_extreme.h"

namespace treadle::ops {
namespace {

struct ArgMax : ArgExtreme<true> {
  static constexpr auto name = "argmax";
  static constexpr auto doc =
      "The index along an axis of the largest element of data, the first of equal ones, as a "
      "number of the type of data.";
};
TREADLE_REGISTER_OP(ArgMax);

}  // namespace
}  // namespace treadle::ops
