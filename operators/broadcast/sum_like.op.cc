// _sum_like: what arrives at the repetitions of an array, added up for each of its elements.
#include "treadle/operators/broadcast/families.h"
#include "treadle/operators/term.h"

namespace treadle::ops {
namespace {

struct SumLike : Broadcast {
  static constexpr auto name = "_sum_like";
  static constexpr auto doc =
      "The sum of lhs along the axes that rhs lacks, or has with extent 1, in the shape of rhs: "
      "the "
      "transpose of repeating. No gradient reaches rhs.";
  static constexpr TypeSet types = numeric_types;

  static void infer_shape(const NoParams&, ShapeInference& s) {
    const Shape lhs = s.shape(in(0)), rhs = s.shape(in(1));
    s.unify(in(1), out(0));
    if (lhs.empty() || rhs.empty()) return;
    const int missing = lhs.ndim() - rhs.ndim();
    bool fits = missing >= 0;
    for (int i = 0; fits && i < rhs.ndim(); ++i) {
      fits = rhs[i] <= 1 || lhs[missing + i] == 0 || rhs[i] == lhs[missing + i];
    }
    if (fits) return;
    s.fail(concat("lhs has shape ", lhs, " and rhs ", rhs,
                  "; a shape is expected of rhs that can be repeated to that of lhs."));
  }

  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    const Shape& shape = call.read(in(0)).shape();
    reduce(call, out(0), shape, with_leading_ones(call.write(out(0)).shape(), shape.ndim()),
           Fold::sum, Identity(), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    const Term repeated = in_term(g, 0).apply("zeros_like").apply("broadcast_add", head_term(g, 0));
    set_in_grad(g, 0, repeated);
  }
};
TREADLE_REGISTER_OP(SumLike);

}  // namespace
}  // namespace treadle::ops
