// Concat: arrays side by side along one axis.
#include "treadle/graph/partial_shapes.h"
#include "treadle/operators/shape/joined.h"

namespace treadle::ops {
namespace {

struct Concat : Joined {
  static constexpr auto name = "Concat";
  static constexpr auto aliases = names("concat");
  static constexpr auto doc = "Joins the inputs along one axis; all their other axes are equal.";
};
TREADLE_REGISTER_OP(Concat);

// As in MXNet, a partial answer has the sum of the extents that are known.
void guess(const void* params, ShapeInference& s) {
  const auto& p = *static_cast<const Concat::Params*>(params);
  Shape made = s.shape(out(0));
  if (made.empty()) return;
  const int axis = p.dim < 0 ? p.dim + made.ndim() : p.dim;
  if (made[axis] > 0) return;
  for (int i = 0; i < p.num_args; ++i) made[axis] += s.shape(in(i))[axis];
  s.set(out(0), made);
}
[[maybe_unused]] const bool guesses = [] {
  OpRegistry::instance().extend(Concat::name, [](OpRecord& record) {
    record.attributes.edit<PartialShapes>().guess = guess;
  });
  return true;
}();

}  // namespace
}  // namespace treadle::ops
