// multi_all_finite: whether arrays hold finite numbers only.
#include "treadle/operators/optimizer/all_finite.h"

namespace treadle::ops {
namespace {

struct MultiAllFinite {
  static constexpr auto name = "multi_all_finite";
  static constexpr auto doc =
      "1 where all inputs hold finite numbers only, else 0: (1,), in float32.";

  struct Params {
    int num_arrays = 1;
    bool init_output = true;
    static constexpr auto fields = reflect(
        field("num_arrays", &Params::num_arrays, between(1, most_arrays), "Number of inputs."),
        field("init_output", &Params::init_output,
              "Whether a 0 that the output holds already is forgotten."));
  };
  static constexpr bool takes_list = true;
  static std::vector<std::string> inputs(const Params& p) {
    return numbered("array", p.num_arrays);
  }

  static void infer_shape(const Params&, ShapeInference& s) {
    s.set(out(0), {1}, "it is one number");
  }
  static void infer_type(const Params& p, TypeInference& t) {
    for (int i = 1; i < p.num_arrays; ++i) t.unify(in(0), in(i));
    t.set(out(0), DType::f32);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    bool all = true;
    for (int i = 0; i < p.num_arrays; ++i) {
      all = all && is_all_finite(call.pool(), call.read(in(i)));
    }
    store_finite(call.write(out(0)), call.request(out(0)), p.init_output, all);
  }
};
TREADLE_REGISTER_ORDERED_OP(MultiAllFinite);

}  // namespace
}  // namespace treadle::ops
