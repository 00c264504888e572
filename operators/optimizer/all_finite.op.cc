// all_finite: whether an array holds finite numbers only.
#include "treadle/operators/optimizer/all_finite.h"

namespace treadle::ops {
namespace {

struct AllFinite {
  static constexpr auto name = "all_finite";
  static constexpr auto doc = "1 where data holds finite numbers only, else 0: (1,), in float32.";
  static constexpr auto inputs = names("data");

  struct Params {
    bool init_output = true;
    static constexpr auto fields =
        reflect(field("init_output", &Params::init_output,
                      "Whether a 0 that the output holds already is forgotten."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.set(out(0), {1}, "it is one number");
  }
  static void infer_type(const Params&, TypeInference& t) { t.set(out(0), DType::f32); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    store_finite(call.write(out(0)), call.request(out(0)), p.init_output,
                 is_all_finite(call.pool(), call.read(in(0))));
  }
};
TREADLE_REGISTER_OP(AllFinite);

}  // namespace
}  // namespace treadle::ops
