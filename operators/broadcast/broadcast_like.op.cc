// broadcast_like: data repeated along axes of extent 1 to the shape of another array.
#include "treadle/operators/broadcast/repeated.h"

namespace treadle::ops {
namespace {

struct BroadcastLike : Repeated {
  static constexpr auto name = "broadcast_like";
  static constexpr auto doc =
      "lhs, repeated along axes of extent 1 to the shape of rhs, or along lhs_axes to the extents "
      "of "
      "rhs_axes; no gradient reaches rhs.";
  static constexpr auto inputs = names("lhs", "rhs");

  struct Params {
    std::optional<Shape> lhs_axes;
    std::optional<Shape> rhs_axes;
    static constexpr auto fields =
        reflect(field("lhs_axes", &Params::lhs_axes,
                      "Axes of lhs to repeat along; negative ones count from the last."),
                field("rhs_axes", &Params::rhs_axes, "The axes of rhs that say how often."));
  };

  static int axis_of(ShapeInference& s, int64_t axis, const Shape& shape, const char* what) {
    const int64_t made = axis < 0 ? axis + shape.ndim() : axis;
    if (made < 0 || made >= shape.ndim()) {
      s.fail(concat(what, "_axes has ", axis, ", but ", what, " has shape ", shape, "; from ",
                    -shape.ndim(), " to ", shape.ndim() - 1, " is expected."));
    }
    return int(made);
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape lhs = s.shape(in(0)), rhs = s.shape(in(1));
    if (lhs.empty() || rhs.empty()) return;
    if (!p.lhs_axes || !p.rhs_axes) {
      if (lhs.ndim() != rhs.ndim()) {
        s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs,
                      "; as many axes are expected in both, or lhs_axes and rhs_axes."));
      }
      check_broadcast(s, lhs, rhs, "rhs");
      return s.set(out(0), rhs, [&] { return concat("rhs is ", rhs); });
    }
    if (p.lhs_axes->ndim() != p.rhs_axes->ndim() || p.lhs_axes->empty()) {
      s.fail(concat("lhs_axes is ", *p.lhs_axes, " and rhs_axes is ", *p.rhs_axes,
                    "; as many axes are expected in both, at least one."));
    }
    Shape made = lhs;
    for (int i = 0; i < p.lhs_axes->ndim(); ++i) {
      const int to = axis_of(s, (*p.lhs_axes)[i], lhs, "lhs");
      const int from = axis_of(s, (*p.rhs_axes)[i], rhs, "rhs");
      if (lhs[to] == 0) return;
      if (lhs[to] != 1) {
        s.fail(concat("lhs has shape ", lhs, "; the extent of axis ", to,
                      ", along which it is repeated, is expected to be 1."));
      }
      made[to] = rhs[from];
    }
    s.set(out(0), made, [&] { return concat("lhs is ", lhs, " and rhs is ", rhs); });
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), t.type(in(0)));
  }

  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    repeat(call);
  }
  template <DeviceKind D>
  static void backward(const Params&, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    add_up(call);
  }
};
TREADLE_REGISTER_OP(BroadcastLike);

}  // namespace
}  // namespace treadle::ops
