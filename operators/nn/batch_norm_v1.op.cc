// BatchNorm_v1: BatchNorm of axis 1, as old models have it.
#include "treadle/operators/nn/batch_norm_op.h"

namespace treadle::ops {
namespace {

struct BatchNormV1 {
  static constexpr auto name = "BatchNorm_v1";
  static constexpr auto doc = "BatchNorm of axis 1, under the name that old models have.";
  static constexpr auto inputs = BatchNormOp::inputs;
  static constexpr auto auxiliaries = BatchNormOp::auxiliaries;
  static constexpr auto outputs = BatchNormOp::outputs;

  struct Params {
    float eps = 1e-3f;
    float momentum = 0.9f;
    bool fix_gamma = true;
    bool use_global_stats = false;
    bool output_mean_var = false;
    static constexpr auto fields =
        reflect(field("eps", &Params::eps, "Added to the variance."),
                field("momentum", &Params::momentum,
                      "Share of the old value in a moving average's update."),
                field("fix_gamma", &Params::fix_gamma, "Take gamma as 1 and give it gradient 0."),
                field("use_global_stats", &Params::use_global_stats,
                      "Use the moving averages in training too."),
                field("output_mean_var", &Params::output_mean_var,
                      "Show mean and 1 / sqrt(variance + eps) as outputs."));
  };
  static BatchNormOp::Params general(const Params& p) {
    BatchNormOp::Params made;
    made.eps = double(p.eps);
    made.momentum = p.momentum;
    made.fix_gamma = p.fix_gamma;
    made.use_global_stats = p.use_global_stats;
    made.output_mean_var = p.output_mean_var;
    return made;
  }

  static std::vector<VariableDefault> variable_defaults() {
    return BatchNormOp::variable_defaults();
  }
  static int num_visible(const Params& p) { return BatchNormOp::num_visible(general(p)); }
  static void infer_shape(const Params& p, ShapeInference& s) {
    BatchNormOp::infer_shape(general(p), s);
  }
  static void infer_type(const Params& p, TypeInference& t) {
    BatchNormOp::infer_type(general(p), t);
  }
  static constexpr auto may_share = BatchNormOp::may_share;
  static constexpr auto backward_may_share = BatchNormOp::backward_may_share;
  static auto backward_reads(const Params& p) { return BatchNormOp::backward_reads(general(p)); }

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    BatchNormOp::forward(general(p), call);
  }
  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void backward(const Params& p, Call<D>& call) {
    BatchNormOp::backward(general(p), call);
  }
};
TREADLE_REGISTER_OP(BatchNormV1);

}  // namespace
}  // namespace treadle::ops
