// Concat: arrays side by side along one axis.
#include "treadle/operators/shape/joined.h"

namespace treadle::ops {
namespace {

struct Concat : Joined {
  static constexpr auto name = "Concat";
  static constexpr auto aliases = names("concat");
  static constexpr auto doc = "Joins the inputs along one axis; all their other axes are equal.";
};
TREADLE_REGISTER_OP(Concat);

}  // namespace
}  // namespace treadle::ops
