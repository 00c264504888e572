// _adamw_update: one step of AdamW.
#include "treadle/operators/optimizer/adamw.h"

namespace treadle::ops {
namespace {

struct AdamwUpdate : AdamwShapes<2> {
  static constexpr auto name = "_adamw_update";
  static constexpr auto doc =
      "weight - eta * (lr * mean / (sqrt(var) + epsilon) + wd * weight), after mean and var have "
      "taken their share of the gradient times rescale_grad and its square. Nothing changes where "
      "rescale_grad is 0, infinite or no number.";
  static constexpr auto auxiliaries = names("mean", "var");
  static constexpr auto state_places = std::array{2, 3};
  using Params = AdamwParams;

  static void infer_type(const Params&, TypeInference& t) {
    for (Slot slot : {in(1), aux(0), aux(1), out(0)}) t.unify(in(0), slot);
    if (!t.is_known(in(2))) t.set(in(2), DType::f32);
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    update<2>(call, p.rule(call));
  }
};
TREADLE_REGISTER_ORDERED_OP(AdamwUpdate);

}  // namespace
}  // namespace treadle::ops
