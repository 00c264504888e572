// squeeze: data without axes of extent 1.
#include <vector>

#include "treadle/operators/shape/moved.h"

namespace treadle::ops {
namespace {

struct Squeeze : Moving {
  static constexpr auto name = "squeeze";
  static constexpr auto doc = "Data without the given axes of extent 1, or without all of them.";

  struct Params {
    std::optional<Shape> axis;
    static constexpr auto fields =
        reflect(field("axis", &Params::axis,
                      "The axes to leave out, negative from the last; None: all of extent 1."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    const Shape data = s.shape(in(0));
    if (!s.is_known(in(0))) return;
    std::vector<bool> drops(size_t(data.ndim()));
    if (p.axis) {
      for (int64_t given : *p.axis) {
        const int axis = checked_axis(s, "axis", given, data);
        if (data[axis] != 1) {
          s.fail(concat("axis is ", *p.axis, ", but data has shape ", data, "; the extent of axis ",
                        axis, " is expected to be 1."));
        }
        if (drops[size_t(axis)]) s.fail(concat("axis is ", *p.axis, ", which has an axis twice."));
        drops[size_t(axis)] = true;
      }
    } else {
      for (int i = 0; i < data.ndim(); ++i) drops[size_t(i)] = data[i] == 1;
    }
    std::vector<int64_t> made;
    for (int i = 0; i < data.ndim(); ++i) {
      if (!drops[size_t(i)]) made.push_back(data[i]);
    }
    if (made.empty()) made.push_back(1);
    s.set(out(0), Shape(made), [&] { return concat("data has shape ", data); });
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
TREADLE_REGISTER_OP(Squeeze);

}  // namespace
}  // namespace treadle::ops
