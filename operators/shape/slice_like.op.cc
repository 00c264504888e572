// slice_like: data cut to the shape of another array.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct SliceLikeParams {
  Shape axes;
  static constexpr auto fields = reflect(field(
      "axes", &SliceLikeParams::axes, "The axes to cut, negative from the last; empty: all."));
};

struct SliceLike : Rearranged<SliceLike, SliceLikeParams> {
  static constexpr auto name = "slice_like";
  static constexpr auto doc =
      "The first elements of data along each axis, as many as shape_like has; no gradient reaches "
      "shape_like.";
  static constexpr auto inputs = names("data", "shape_like");
  using Params = SliceLikeParams;

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0)), like = s.shape(in(1));
    if (data.empty() || like.empty()) return;
    if (p.axes.empty() && data.ndim() != like.ndim()) {
      s.fail(concat("data has shape ", data, " and shape_like ", like,
                    "; as many axes are expected in both, or the parameter axes."));
    }
    Shape made = data;
    const auto cut = [&](int axis) {
      if (data[axis] != 0 && data[axis] < like[axis]) {
        s.fail(concat("data has shape ", data, " and shape_like ", like, "; at least ", like[axis],
                      " elements are expected on axis ", axis, "."));
      }
      made[axis] = like[axis];
    };
    if (p.axes.empty()) {
      for (int i = 0; i < data.ndim(); ++i) cut(i);
    }
    for (int64_t given : p.axes) {
      const int axis = checked_axis(s, "axes", given, data);
      if (axis >= like.ndim()) {
        s.fail(concat("axes is ", p.axes, ", but shape_like has shape ", like, "."));
      }
      cut(axis);
    }
    s.set(out(0), made, [&] { return concat("data is ", data, " and shape_like is ", like); });
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), t.type(in(0)));
  }
  static Moved moved(const Params&, const Shape& data, const Shape& made) {
    int64_t strides[Axes::max_count];
    row_major_strides(data, strides);
    Moved moved;
    for (int i = 0; i < made.ndim(); ++i) moved.axes.add(made[i], strides[i]);
    return moved;
  }
  template <DeviceKind D>
  static void backward(const Params& p, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    Rearranged::backward(p, call);
  }
};
TREADLE_REGISTER_OP(SliceLike);

}  // namespace
}  // namespace treadle::ops
