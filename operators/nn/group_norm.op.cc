// GroupNorm: groups of channels brought to mean beta and deviation gamma, sample by sample.
#include "treadle/operators/nn/group_norm_family.h"

namespace treadle::ops {
namespace {

struct GroupNorm : GroupNormFamily<GroupNorm> {
  static constexpr auto name = "GroupNorm";
  static constexpr auto doc =
      "Normalises each group of neighbouring channels of a sample by its mean and deviation; gamma "
      "and beta have one number per group.";
  static constexpr auto outputs = names("output", "mean", "std");

  struct Params {
    int num_groups = 1;
    float eps = 1e-5f;
    bool output_mean_var = false;
    static constexpr auto fields =
        reflect(field("num_groups", &Params::num_groups, at_least(1), "Parts of the channels."),
                field("eps", &Params::eps, "Added to the variance."),
                field("output_mean_var", &Params::output_mean_var,
                      "Show mean and deviation as outputs; they pass no gradient on."));
  };
  static int num_visible(const Params& p) { return p.output_mean_var ? 3 : 1; }

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const auto because = [&] { return concat("num_groups is ", p.num_groups); };
    for (Slot slot : {in(1), in(2)}) s.set(slot, {p.num_groups}, because);
    const Shape data = s.shape(in(0));
    if (data.empty()) return;
    if (data.ndim() < 3) {
      s.fail(concat("data has shape ", data,
                    "; at least 3 axes (batch, channel, positions) are "
                    "expected."));
    }
    if (data[1] % p.num_groups != 0) {
      s.fail(concat("data has shape ", data, ", that is ", data[1], " channels, and num_groups is ",
                    p.num_groups, ": the groups must share the channels evenly."));
    }
    for (Slot slot : {out(1), out(2)}) s.set(slot, {data[0], p.num_groups}, because);
  }

  static GroupNormShape geometry(const Params& p, const Shape& data) {
    return {data[0], p.num_groups, data.elements(1, data.ndim()) / p.num_groups, p.eps};
  }
};
TREADLE_REGISTER_OP(GroupNorm);

}  // namespace
}  // namespace treadle::ops
