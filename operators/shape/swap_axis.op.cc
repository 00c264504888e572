// SwapAxis: data with two axes exchanged.
#include <utility>

#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct SwapAxisParams {
  int dim1 = 0;
  int dim2 = 0;
  static constexpr auto fields =
      reflect(field("dim1", &SwapAxisParams::dim1, "The one axis; negative: from the last."),
              field("dim2", &SwapAxisParams::dim2, "The other axis; negative: from the last."));
};

struct SwapAxis : Rearranged<SwapAxis, SwapAxisParams> {
  static constexpr auto name = "SwapAxis";
  static constexpr auto aliases = names("swapaxes");
  static constexpr auto doc = "Data with two of its axes exchanged.";
  using Params = SwapAxisParams;

  static Shape swapped(const Params& p, const Shape& shape) {
    Shape made = shape;
    const int n = shape.ndim();
    std::swap(made[p.dim1 < 0 ? p.dim1 + n : p.dim1], made[p.dim2 < 0 ? p.dim2 + n : p.dim2]);
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0)), made = s.shape(out(0));
    const Shape& known = data.empty() ? made : data;
    if (known.empty()) return;
    checked_axis(s, "dim1", p.dim1, known);
    checked_axis(s, "dim2", p.dim2, known);
    s.set(out(0), data.empty() ? data : swapped(p, data),
          [&] { return concat("data has shape ", data); });
    if (made.ndim() == known.ndim()) s.set(in(0), swapped(p, made), "the output has these extents");
  }
  static Moved moved(const Params& p, const Shape& data, const Shape& made) {
    int64_t strides[Axes::max_count];
    row_major_strides(data, strides);
    const int n = data.ndim();
    std::swap(strides[p.dim1 < 0 ? p.dim1 + n : p.dim1], strides[p.dim2 < 0 ? p.dim2 + n : p.dim2]);
    Moved moved;
    for (int i = 0; i < n; ++i) moved.axes.add(made[i], strides[i]);
    return moved;
  }
};
TREADLE_REGISTER_OP(SwapAxis);

}  // namespace
}  // namespace treadle::ops
