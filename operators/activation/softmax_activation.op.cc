// SoftmaxActivation: softmax over the channels or over the last axis.
//
// As MXNet 1.9.1 installs it, mode `instance` works on the last axis of data of any rank; its
// gradient there does not belong to that output, the one here does.
#include "treadle/operators/nn/softmax_family.h"

namespace treadle::ops {
namespace {

enum class SoftmaxMode { channel, instance };
EnumNames describe(SoftmaxMode) { return enum_names("SoftmaxMode", "channel", "instance"); }

struct SoftmaxActivation {
  static constexpr auto name = "SoftmaxActivation";
  static constexpr auto doc = "Softmax over axis 1 (mode channel) or the last axis (instance).";
  static constexpr auto inputs = names("data");

  struct Params {
    SoftmaxMode mode = SoftmaxMode::instance;
    static constexpr auto fields = reflect(field("mode", &Params::mode, "Where the classes are."));
  };
  using Family = SoftmaxFamily<SoftmaxKind::softmax>;
  static SoftmaxParams general(const Params& p) {
    SoftmaxParams made;
    if (p.mode == SoftmaxMode::channel) made.axis = 1;
    return made;
  }

  static void infer_shape(const Params& p, ShapeInference& s) {
    s.unify(in(0), out(0));
    const Shape data = s.shape(in(0));
    if (data.empty() || p.mode == SoftmaxMode::instance || data.ndim() >= 3) return;
    s.fail(concat("data has shape ", data, "; mode channel needs at least 3 axes."));
  }

  static constexpr auto may_share = Family::may_share;
  static constexpr auto backward_reads = reads(out_grad(0), out(0));
  static size_t scratch_bytes(const KernelQuery& query) { return Family::scratch_bytes(query); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    Family::forward(general(p), call);
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    Family::backward(general(p), call);
  }
};
TREADLE_REGISTER_OP(SoftmaxActivation);

}  // namespace
}  // namespace treadle::ops
