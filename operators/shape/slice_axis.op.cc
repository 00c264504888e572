// slice_axis: a part of data along one axis.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct SliceAxisParams {
  int axis = 0;
  int64_t begin = 0;
  std::optional<int64_t> end;
  static constexpr auto fields =
      reflect(field("axis", &SliceAxisParams::axis, required, "The axis; negative: from the last."),
              field("begin", &SliceAxisParams::begin, required,
                    "The first index; negative ones count from the end."),
              field("end", &SliceAxisParams::end, required,
                    "Where to stop, itself left out; None: the end of the axis."));
};

struct SliceAxis : Rearranged<SliceAxis, SliceAxisParams> {
  static constexpr auto name = "slice_axis";
  static constexpr auto doc = "The elements from begin to before end along one axis.";
  using Params = SliceAxisParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    const int axis = checked_axis(s, "axis", p.axis, data);
    const int64_t extent = data[axis];
    Shape made = data;
    if (extent != 0) {
      const int64_t begin = p.begin < 0 ? p.begin + extent : p.begin;
      const int64_t end = !p.end ? extent : *p.end < 0 ? *p.end + extent : *p.end;
      if (begin < 0 || end > extent || begin >= end) {
        s.fail(concat("begin is ", p.begin, " and end is ",
                      p.end ? std::to_string(*p.end) : std::string("None"), ", but axis ", axis,
                      " of data ", data, " has ", extent,
                      " elements; a part of it that is not empty is expected."));
      }
      made[axis] = end - begin;
    }
    s.set(out(0), made, [&] { return concat("data has shape ", data); });
  }
  static Moved moved(const Params& p, const Shape& data, const Shape& made) {
    const int axis = p.axis < 0 ? p.axis + data.ndim() : p.axis;
    int64_t strides[Axes::max_count];
    row_major_strides(data, strides);
    Moved moved;
    if (made.elements() > 0) {
      moved.offset = (p.begin < 0 ? p.begin + data[axis] : p.begin) * strides[axis];
    }
    for (int i = 0; i < made.ndim(); ++i) moved.axes.add(made[i], strides[i]);
    return moved;
  }
};
TREADLE_REGISTER_OP(SliceAxis);

}  // namespace
}  // namespace treadle::ops
