// multi_sum_sq: the squared norms of many arrays.
#include "treadle/operators/optimizer/many.h"

namespace treadle::ops {
namespace {

struct MultiSumSq {
  static constexpr auto name = "multi_sum_sq";
  static constexpr auto doc =
      "The sum of squares of each of num_arrays inputs: (num_arrays,), in float32.";
  static constexpr bool takes_list = true;

  struct Params {
    int num_arrays = 0;
    static constexpr auto fields = reflect(field("num_arrays", &Params::num_arrays, required,
                                                 between(1, most_arrays), "Number of inputs."));
  };

  static std::vector<std::string> inputs(const Params& p) {
    return numbered("array", p.num_arrays);
  }
  static void infer_shape(const Params& p, ShapeInference& s) {
    s.set(out(0), {p.num_arrays}, "there is a sum for each input");
  }
  static void infer_type(const Params& p, TypeInference& t) {
    for (int i = 1; i < p.num_arrays; ++i) t.unify(in(0), in(i));
    t.set(out(0), DType::f32);
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(out(0))) return;
    float* const sums = call.write(out(0)).template as<float>();
    for (int i = 0; i < p.num_arrays; ++i) {
      const Tensor array = call.read(in(i));
      with_floating_type(array.type(), [&](auto stored, auto) {
        const auto* const from = array.as<decltype(stored)>();
        store(sums[i], float(sum_of_squares(call.pool(), from, array.elements())),
              call.request(out(0)));
      });
    }
  }
};
TREADLE_REGISTER_ORDERED_OP(MultiSumSq);

}  // namespace
}  // namespace treadle::ops
