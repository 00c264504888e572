// mp_lamb_update_phase1: the direction of a step of LAMB, in mixed precision.
#include "treadle/operators/input_order.h"
#include "treadle/operators/optimizer/lamb.h"

namespace treadle::ops {
namespace {

struct MpLambUpdatePhase1 {
  static constexpr auto name = "mp_lamb_update_phase1";
  static constexpr auto doc =
      "lamb_update_phase1 on weight32, the weight in float32; the direction is float32.";
  static constexpr auto inputs = names("weight", "grad", "weight32");
  static constexpr auto auxiliaries = names("mean", "var");
  static constexpr auto state_places = std::array{2, 3};
  static constexpr bool has_effects = true;

  using Params = LambDirectionParams;

  static void infer_shape(const Params&, ShapeInference& s) {
    for (Slot slot : {in(1), in(2), aux(0), aux(1), out(0)}) s.unify(in(0), slot);
  }
  static void infer_type(const Params&, TypeInference& t) {
    t.unify(in(0), in(1));
    for (Slot slot : {in(2), aux(0), aux(1), out(0)}) t.set(slot, DType::f32);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    const Tensor weight32 = call.read(in(2));
    with_floating_type(call.read(in(1)).type(), [&](auto stored, auto) {
      using T = decltype(stored);
      Arrays<T> a{weight32.elements(),
                  weight32.as<float>(),
                  call.read(in(1)).template as<T>(),
                  {call.read(aux(0)).template as<float>(), call.read(aux(1)).template as<float>()},
                  call.write(out(0)).template as<float>(),
                  call.request(out(0))};
      run_update<false, float>(call.pool(), a, LambDirection(p, p.wd, p.t));
    });
  }

 private:
  // The gradient alone is of the weight's type.
  template <class G>
  struct Arrays {
    static constexpr int num_states = 2;
    int64_t elements;
    const float* weight;
    const G* gradient;
    float* states[2];
    float* out;
    Request request;
  };
};
TREADLE_REGISTER_ORDERED_OP(MpLambUpdatePhase1);

}  // namespace
}  // namespace treadle::ops
