// expand_dims: data with one more axis, of extent 1.
#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct ExpandDims : Moving {
  static constexpr auto name = "expand_dims";
  static constexpr auto doc = "Data with an axis of extent 1 put in.";

  struct Params {
    int axis = 0;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis, required,
                      "Where the axis is put; negative ones count from behind the last."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0)), made = s.shape(out(0));
    const int ndim = data.empty() ? made.ndim() - 1 : data.ndim();
    if (ndim < 0) return;
    const int axis = p.axis < 0 ? p.axis + ndim + 1 : p.axis;
    if (axis < 0 || axis > ndim) {
      s.fail(concat("axis is ", p.axis, ", but data has ", ndim, " axes; from ", -ndim - 1, " to ",
                    ndim, " is expected."));
    }
    if (!data.empty()) {
      Shape wanted = Shape::filled(ndim + 1, 1);
      for (int i = 0; i < ndim; ++i) wanted[i + (i >= axis)] = data[i];
      s.set(out(0), wanted, [&] { return concat("data has shape ", data); });
    }
    const Shape known = s.shape(out(0));
    if (known.ndim() < 2) return;
    Shape back = Shape::filled(known.ndim() - 1, 0);
    for (int i = 0; i < back.ndim(); ++i) back[i] = known[i + (i >= axis)];
    s.set(in(0), back, [&] { return concat("the output has shape ", known); });
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));
  template <DeviceKind D>
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  template <DeviceKind D>
  static void backward(const Params&, Call<D>& call) {
    copy(call, in_grad(0), out_grad(0));
  }
};
TREADLE_REGISTER_OP(ExpandDims);

}  // namespace
}  // namespace treadle::ops
