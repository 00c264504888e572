// _identity_with_attr_like_rhs: lhs, whose shape follows from that of rhs.
#include "treadle/operators/elementwise/families.h"

namespace treadle::ops {  // TREADLE_CUDA_SHARED
namespace {

struct IdentityWithAttrLikeRhs {
  static constexpr auto name = "_identity_with_attr_like_rhs";
  static constexpr auto doc = "A copy of lhs; lhs, rhs and the output have one shape and type.";
  static constexpr auto inputs = names("lhs", "rhs");
  static constexpr TypeSet types = all_types;
  static constexpr auto may_share = shares(share(in(0), out(0)));

  static void infer_shape(const NoParams&, ShapeInference& s) {
    s.unify(in(0), in(1));
    s.unify(in(0), out(0));
  }
  template <DeviceKind D>
  static void forward(const NoParams&, Call<D>& call) {
    copy(call, out(0), in(0));
  }
  static void compose_gradient(const NoParams&, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
  }
};
TREADLE_REGISTER_OP(IdentityWithAttrLikeRhs);

}  // namespace
}  // namespace treadle::ops
