// MakeLoss: marks data as a loss, with a scale and a normalization of its gradient.
#include "treadle/operators/elementwise.h"
#include "treadle/operators/softmax.h"

namespace treadle::ops {
namespace {

enum class LossNormalization { batch, null, valid };
EnumNames describe(LossNormalization) {
  return enum_names("LossNormalization", "batch", "null", "valid");
}

struct MakeLoss {
  static constexpr auto name = "MakeLoss";
  static constexpr auto doc =
      "Passes data on; its gradient is grad_scale, normalised, whatever gradient arrives.";
  static constexpr auto inputs = names("data");
  static constexpr bool is_loss = true;

  struct Params {
    float grad_scale = 1;
    float valid_thresh = 0;
    LossNormalization normalization = LossNormalization::null;
    static constexpr auto fields = reflect(
        field("grad_scale", &Params::grad_scale, "Factor of the gradient."),
        field("valid_thresh", &Params::valid_thresh, "Elements above it count as valid."),
        field(
            "normalization", &Params::normalization,
            "What the gradient is divided by: null: nothing; batch: the extent of the first axis; "
            "valid: the number of elements above valid_thresh, at least 1."));
  };

  static void infer_shape(const Params&, ShapeInference& s) { s.unify(in(0), out(0)); }
  static constexpr auto may_share = shares(share(in(0), out(0)));
  static constexpr auto backward_reads = reads(out(0));

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params&, Call<D>& call) {
    copy(call, out(0), in(0));
  }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    if (!call.is_wanted(in_grad(0))) return;
    const Tensor data = call.read(out(0));
    float divisor = 1;
    if (p.normalization == LossNormalization::batch) divisor = float(data.shape()[0]);
    if (p.normalization == LossNormalization::valid) {
      int64_t valid = 0;
      with_floating_type(data.type(), [&](auto stored, auto computed) {
        using C = decltype(computed);
        const auto* x = data.as<decltype(stored)>();
        for (int64_t i = 0; i < data.elements(); ++i) valid += C(x[i]) > C(p.valid_thresh);
      });
      divisor = float(std::max<int64_t>(1, valid));
    }
    elementwise(call, in_grad(0), Fill{p.grad_scale / divisor});
  }
};
TREADLE_REGISTER_OP(MakeLoss);

}  // namespace
}  // namespace treadle::ops
