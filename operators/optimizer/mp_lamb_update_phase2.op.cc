// mp_lamb_update_phase2: a step of LAMB along a direction, in mixed precision.
#include "treadle/operators/number_at.h"
#include "treadle/operators/optimizer/lamb.h"

namespace treadle::ops {
namespace {

struct MpLambUpdatePhase2 {
  static constexpr auto name = "mp_lamb_update_phase2";
  static constexpr auto doc =
      "lamb_update_phase2 on weight32, the weight in float32, from which the result is rounded.";
  static constexpr auto inputs = names("weight", "g", "r1", "r2");
  static constexpr auto auxiliaries = names("weight32");
  static constexpr bool has_effects = true;

  using Params = LambStepParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    for (Slot slot : {in(1), aux(0), out(0)}) s.unify(in(0), slot);
    for (int i : {2, 3}) s.set(in(i), {1}, "a norm is one number");
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), out(0));
    for (Slot slot : {in(1), in(2), in(3), aux(0)}) t.set(slot, DType::f32);
  }
  static constexpr auto may_share = shares(share(in(0), out(0)));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const float rate =
        float(lamb_rate(p, p.lr, number_at(call.read(in(2)), 0), number_at(call.read(in(3)), 0)));
    const float* const direction = call.read(in(1)).template as<float>();
    float* const weight32 = call.read(aux(0)).template as<float>();
    const Tensor to = call.write(out(0));
    const Request request = call.request(out(0));
    with_floating_type(call.read(in(0)).type(), [&](auto stored, auto) {
      using T = decltype(stored);
      T* const rounded = to.as<T>();
      call.pool().parallel_for(0, call.read(in(0)).elements(), 1 << 15,
                               [&](int64_t begin, int64_t end) {
                                 for (int64_t i = begin; i < end; ++i) {
                                   weight32[i] -= rate * direction[i];
                                   if (request != Request::null)
                                     store(rounded[i], weight32[i], request);
                                 }
                               });
    });
  }
};
TREADLE_REGISTER_OP(MpLambUpdatePhase2);

}  // namespace
}  // namespace treadle::ops
