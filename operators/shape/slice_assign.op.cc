// _slice_assign: data with another array written into a part of it.
#include "treadle/graph/gradient.h"
#include "treadle/operators/shape/slice_range.h"

namespace treadle::ops {
namespace {

struct SliceAssign : Moving {
  static constexpr auto name = "_slice_assign";
  static constexpr auto aliases = names("_crop_assign");
  static constexpr auto doc = "lhs, where lhs[begin:end:step] is rhs, axis by axis as in Python.";
  static constexpr auto inputs = names("lhs", "rhs");
  static constexpr bool overwrites = true;

  struct Params {
    SliceIndices begin, end, step;
    static constexpr auto fields = reflect(
        field("begin", &Params::begin, required,
              "First index per axis, of the first axes; negative ones count from the end."),
        field("end", &Params::end, required, "Where to stop per axis, itself left out."),
        field("step", &Params::step, "From one index to the next per axis; 1 unless said."));
    SliceRange range() const { return {begin, end, step}; }
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    s.set(in(1), sliced_shape(s, p.range(), data), [&] { return concat("lhs has shape ", data); });
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));

  template <DeviceKind D>
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    copy(call, out(0), in(0));
    const Tensor made = call.write(out(0));
    const Moved moved = sliced(p.range(), made.shape());
    char* const first = made.as<char>() + moved.offset * int64_t(size_of(made.type()));
    copy_to_view(made.type(), call.read(in(1)).data, first, moved.axes, Request::write,
                 call.pool());
  }
  static void compose_gradient(const Params& p, GradientBuilder& g) {
    const auto text = [](const SliceIndices& indices) {
      return value_type<SliceIndices>().print(&indices);
    };
    const ParamText part{{"begin", text(p.begin)}, {"end", text(p.end)}, {"step", text(p.step)}};
    g.set_in_grad(0, g.apply("_slice_assign_scalar", {g.out_grad(0)}, part));
    g.set_in_grad(1, g.apply("slice", {g.out_grad(0)}, part));
  }
};
TREADLE_REGISTER_OP(SliceAssign);

}  // namespace
}  // namespace treadle::ops
