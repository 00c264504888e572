// fill_element_0index: a matrix with one element of each row replaced.
#include "treadle/operators/indexing/pick_elements.h"

namespace treadle::ops {
namespace {

struct FillElement0Index {
  static constexpr auto name = "fill_element_0index";
  static constexpr auto doc =
      "The matrix lhs, where in each row the element that rhs names is that of mhs; an index out "
      "of "
      "range means the nearest.";
  static constexpr auto inputs = names("lhs", "mhs", "rhs");
  static constexpr TypeSet types = all_types;
  static constexpr bool overwrites = true;
  static constexpr auto may_share = shares(share(in(0), out(0)));

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape lhs = s.shape(in(0));
    if (lhs.empty()) return;
    if (lhs.ndim() != 2) s.fail(concat("lhs has shape ", lhs, "; (row, column) is expected."));
    const auto because = [&] { return concat("lhs has shape ", lhs); };
    s.set(in(1), Shape{lhs[0]}, because);
    s.set(in(2), Shape{lhs[0]}, because);
  }
  static void infer_type(const NoParams&, TypeInference& t) {
    t.unify(in(0), out(0));
    t.unify(in(0), in(1));
    if (!t.is_known(in(2))) t.set(in(2), t.type(in(0)));
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    copy(call, out(0), in(0));
    const Tensor made = call.write(out(0));
    if (made.elements() == 0) return;
    place_elements(call.read(in(1)), {made.shape()[0], made.shape()[1], 1},
                   Indices{call.read(in(2)), made.shape()[1], IndexMode::clip, name}, made,
                   Request::write, call.pool());
  }
};
TREADLE_REGISTER_OP(FillElement0Index);

}  // namespace
}  // namespace treadle::ops
