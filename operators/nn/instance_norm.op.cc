// InstanceNorm: each channel of each sample brought to mean beta and deviation gamma.
#include "treadle/operators/nn/group_norm_family.h"

namespace treadle::ops {
namespace {

struct InstanceNorm : GroupNormFamily<InstanceNorm> {
  static constexpr auto name = "InstanceNorm";
  static constexpr auto doc =
      "Normalises each channel of each sample by its own mean and deviation; gamma and beta have "
      "one "
      "number per channel.";
  static constexpr auto outputs = names("output", "mean", "var");
  static constexpr int num_visible = 1;

  struct Params {
    float eps = 1e-3f;
    static constexpr auto fields = reflect(field("eps", &Params::eps, "Added to the variance."));
  };

  static void infer_shape(const Params&, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() < 3) {
      s.fail(concat("data has shape ", data,
                    "; at least 3 axes (batch, channel, positions) are "
                    "expected."));
    }
    const auto because = [&] { return concat("data is ", data); };
    for (Slot slot : {in(1), in(2)}) s.set(slot, {data[1]}, because);
    for (Slot slot : {out(1), out(2)}) s.set(slot, {data[0], data[1]}, because);
    Shape known = data;
    known[1] = std::max(s.shape(in(1))[0], s.shape(in(2))[0]);
    s.set(in(0), known);
  }

  static GroupNormShape geometry(const Params& p, const Shape& data) {
    return {data[0], data[1], data.elements(2, data.ndim()), p.eps};
  }
};
TREADLE_REGISTER_OP(InstanceNorm);

}  // namespace
}  // namespace treadle::ops
