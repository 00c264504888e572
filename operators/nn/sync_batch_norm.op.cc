// _contrib_SyncBatchNorm: BatchNorm as networks have it that were trained on several devices.
#include "treadle/core/error.h"
#include "treadle/operators/nn/batch_norm_op.h"

namespace treadle::ops {
namespace {

struct SyncBatchNormParams {
  float eps = 0.001f;
  float momentum = 0.9f;
  bool fix_gamma = true;
  bool use_global_stats = false;
  bool output_mean_var = false;
  int ndev = 1;
  std::string key;
  static constexpr auto fields =
      reflect(field("eps", &SyncBatchNormParams::eps, "Added to the variance."),
              field("momentum", &SyncBatchNormParams::momentum,
                    "Share of the old value in a moving average's update."),
              field("fix_gamma", &SyncBatchNormParams::fix_gamma,
                    "Take gamma as 1 and give it gradient 0."),
              field("use_global_stats", &SyncBatchNormParams::use_global_stats,
                    "Use the moving averages in training too."),
              field("output_mean_var", &SyncBatchNormParams::output_mean_var,
                    "Show mean and variance as outputs."),
              field("ndev", &SyncBatchNormParams::ndev, at_least(1),
                    "Devices that share the statistics of a batch; training takes 1."),
              field("key", &SyncBatchNormParams::key,
                    "Which layers share statistics; unused with one device."));
};

struct SyncBatchNorm : BatchNormFamily<SyncBatchNormParams, true> {
  static constexpr auto name = "_contrib_SyncBatchNorm";
  static constexpr auto doc =
      "Normalises each channel, on axis 1, by the mean and variance of the batch (training) or "
      "their moving averages (inference), as BatchNorm; its output var is the variance.";

  template <DeviceKind D>
    requires(D == DeviceKind::cpu)
  static void forward(const Params& p, Call<D>& call) {
    if (p.ndev > 1 && call.mode() == Mode::train && !p.use_global_stats) {
      throw Error(name, ": ndev is ", p.ndev,
                  ": statistics are not gathered from several devices; train on one with ndev 1.");
    }
    BatchNormFamily::forward<D>(p, call);
  }
};
TREADLE_REGISTER_OP(SyncBatchNorm);

}  // namespace
}  // namespace treadle::ops
