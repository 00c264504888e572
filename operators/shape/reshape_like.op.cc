// reshape_like: the elements of lhs, in order, in the shape of rhs.
#include <vector>

#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct ReshapeLike : Moving {
  static constexpr auto name = "reshape_like";
  static constexpr auto doc =
      "The elements of lhs, in order, in the shape of rhs, or with its axes from lhs_begin to "
      "lhs_end replaced by those of rhs from rhs_begin to rhs_end; no gradient reaches rhs.";
  static constexpr auto inputs = names("lhs", "rhs");

  struct Params {
    std::optional<int> lhs_begin, lhs_end, rhs_begin, rhs_end;
    static constexpr auto fields = reflect(
        field("lhs_begin", &Params::lhs_begin, "First axis of lhs to replace; None: 0."),
        field("lhs_end", &Params::lhs_end, "Where to stop in lhs; None: behind its last axis."),
        field("rhs_begin", &Params::rhs_begin, "First axis of rhs to take; None: 0."),
        field("rhs_end", &Params::rhs_end, "Where to stop in rhs; None: behind its last axis."));
  };

  struct AxisRange {
    int begin, end;
  };
  static AxisRange range(const ShapeInference& s, std::optional<int> begin, std::optional<int> end,
                         const Shape& shape, const char* what) {
    const int n = shape.ndim();
    const auto place = [&](int axis) { return axis < 0 ? axis + n : axis; };
    const AxisRange made{place(begin.value_or(0)), place(end.value_or(n))};
    if (made.begin < 0 || made.end > n || made.begin > made.end) {
      s.fail(concat(what, "_begin and ", what, "_end mean axes ", made.begin, " to ", made.end,
                    ", but ", what, " has shape ", shape, "; a range of its axes is expected."));
    }
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape lhs = s.shape(in(0)), rhs = s.shape(in(1));
    if (lhs.empty() || rhs.empty()) return;
    const AxisRange old = range(s, p.lhs_begin, p.lhs_end, lhs, "lhs");
    const AxisRange taken = range(s, p.rhs_begin, p.rhs_end, rhs, "rhs");
    std::vector<int64_t> made(lhs.begin(), lhs.begin() + old.begin);
    made.insert(made.end(), rhs.begin() + taken.begin, rhs.begin() + taken.end);
    made.insert(made.end(), lhs.begin() + old.end, lhs.end());
    const Shape shape(made);
    if (s.is_known(in(0)) && shape.is_known() && lhs.elements() != shape.elements()) {
      s.fail(concat("lhs has shape ", lhs, ", which has ", lhs.elements(), " elements, but ", shape,
                    ", made of it and rhs ", rhs, ", has ", shape.elements(), "."));
    }
    s.set(out(0), shape, [&] { return concat("lhs is ", lhs, " and rhs is ", rhs); });
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    if (!t.is_known(in(1))) t.set(in(1), t.type(in(0)));
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params&, Call<D>& call) {
    elementwise(call, in_grad(1), Fill{0});
    copy(call, in_grad(0), out_grad(0));
  }
};
TREADLE_REGISTER_OP(ReshapeLike);

}  // namespace
}  // namespace treadle::ops
