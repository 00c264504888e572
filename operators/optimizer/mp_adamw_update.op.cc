// _mp_adamw_update: one step of AdamW, in mixed precision.
#include "treadle/operators/optimizer/adamw.h"

namespace treadle::ops {
namespace {

struct MpAdamwUpdate : AdamwShapes<3> {
  static constexpr auto name = "_mp_adamw_update";
  static constexpr auto doc =
      "_adamw_update on weight32, the weight in float32, from which the result is rounded.";
  static constexpr auto auxiliaries = names("mean", "var", "weight32");
  static constexpr auto state_places = std::array{2, 3, 4};
  using Params = AdamwParams;

  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), in(1));
    t.unify(in(0), out(0));
    for (Slot slot : {aux(0), aux(1), aux(2)}) t.set(slot, DType::f32);
    if (!t.is_known(in(2))) t.set(in(2), DType::f32);
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    mixed_update<2>(call, p.rule(call));
  }
};
TREADLE_REGISTER_ORDERED_OP(MpAdamwUpdate);

}  // namespace
}  // namespace treadle::ops
