// element_mask: each slice along the first axis times a number of its own.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/elementwise/functors.h"

namespace treadle::ops {
namespace {

struct ElementMask {
  static constexpr auto name = "element_mask";
  static constexpr auto doc =
      "The slices of lhs along its first axis, each times its element of rhs, which has no "
      "gradient: "
      "1 keeps a sample, 0 hides it.";
  static constexpr auto inputs = names("lhs", "rhs");
  static constexpr TypeSet types = numeric_types;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape lhs = s.shape(in(0));
    if (lhs.empty()) return;
    if (lhs.ndim() < 2) {
      s.fail(concat("lhs has shape ", lhs, "; at least two axes are expected."));
    }
    s.set(in(1), Shape{lhs[0]}, [&] { return concat("lhs has shape ", lhs); });
  }

  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out_grad(0), in(1));
  static constexpr auto backward_may_share = shares(share(out_grad(0), in_grad(0)));

  static Viewed mask(const Shape& lhs) {
    Axes axes;
    axes.add(lhs[0], 1);
    axes.add(lhs.elements(1, lhs.ndim()), 0);
    return Viewed(in(1), axes);
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    elementwise(call, out(0), Multiply(), in(0), mask(call.read(in(0)).shape()));
  }
  template <DeviceKind D>
  static void backward(const NoParams&, Call<D>& call) {
    elementwise(call, in_grad(0), Multiply(), out_grad(0), mask(call.read(out_grad(0)).shape()));
    elementwise(call, in_grad(1), Fill{0});
  }
};
TREADLE_REGISTER_OP(ElementMask);

}  // namespace
}  // namespace treadle::ops
