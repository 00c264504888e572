// repeat: each element, or each slice along an axis, several times in a row.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct RepeatParams {
  int64_t repeats = 0;
  std::optional<int> axis;
  static constexpr auto fields = reflect(
      field("repeats", &RepeatParams::repeats, required, at_least(1), "How often."),
      field("axis", &RepeatParams::axis,
            "The axis whose slices are repeated, negative from the last; None: every element, in "
            "one row."));
};

struct Repeat : RepeatedView<Repeat, RepeatParams> {
  static constexpr auto name = "repeat";
  static constexpr auto doc = "Each element, or each slice along an axis, several times in a row.";
  using Params = RepeatParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const auto because = [&] { return concat("data is ", data, " and repeats is ", p.repeats); };
    if (!p.axis) {
      if (s.is_known(in(0))) {
        s.set(out(0), Shape{checked_product(data.elements(), p.repeats)}, because);
      }
      return;
    }
    Shape made = data;
    const int axis = checked_axis(s, "axis", *p.axis, data);
    made[axis] = checked_product(data[axis], p.repeats);
    s.set(out(0), made, because);
  }

  static Shape split(const Params& p, const Shape& data, int64_t repeats) {
    if (!p.axis) return {data.elements(), repeats};
    const int axis = *p.axis < 0 ? *p.axis + data.ndim() : *p.axis;
    return {data.elements(0, axis + 1), repeats, data.elements(axis + 1, data.ndim())};
  }
  static Shape walked(const Params& p, const Shape& data) { return split(p, data, p.repeats); }
  static Shape kept(const Params& p, const Shape& data) { return split(p, data, 1); }
};
TREADLE_REGISTER_OP(Repeat);

}  // namespace
}  // namespace treadle::ops
