// reverse: data read backward along axes.
#include <algorithm>

#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct ReverseParams {
  Shape axis;
  static constexpr auto fields =
      reflect(field("axis", &ReverseParams::axis, required,
                    "The axes to read backward; negative ones count from the last."));
};

struct Reverse : Rearranged<Reverse, ReverseParams> {
  static constexpr auto name = "reverse";
  static constexpr auto aliases = names("flip");
  static constexpr auto doc = "Data with the elements along some axes in reverse order.";
  using Params = ReverseParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape& data = s.shape(in(0));
    if (data.empty()) return;
    for (int64_t axis : p.axis) checked_axis(s, "axis", axis, data);
  }
  static Moved moved(const Params& p, const Shape& data, const Shape&) {
    int64_t strides[Axes::max_count];
    row_major_strides(data, strides);
    Moved moved;
    for (int i = 0; i < data.ndim(); ++i) {
      const bool is_named =
          std::ranges::count(p.axis, i) + std::ranges::count(p.axis, i - data.ndim()) > 0;
      if (is_named && data[i] > 0) moved.offset += (data[i] - 1) * strides[i];
      moved.axes.add(data[i], is_named ? -strides[i] : strides[i]);
    }
    if (data.elements() == 0) moved.offset = 0;
    return moved;
  }
};
TREADLE_REGISTER_OP(Reverse);

}  // namespace
}  // namespace treadle::ops
