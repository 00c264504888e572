#include "treadle/training/speedometer.h"

#include "treadle/training/progress_text.h"

namespace treadle {

void Speedometer::begin_epoch(TrainingState&) { examples_ = 0, seconds_ = 0; }

void Speedometer::end_batch(TrainingState& state) {
  if (frequent_ < 1 || state.batches_done % frequent_ != 0) return;
  const double seconds = state.epoch.seconds - seconds_;
  const double rate = seconds > 0 ? double(state.epoch.examples - examples_) / seconds : 0;
  examples_ = state.epoch.examples;
  seconds_ = state.epoch.seconds;
  std::fprintf(out_, "epoch %d  batch %lld  %s samples/s  %s\n", state.epoch.epoch + 1,
               static_cast<long long>(state.batches_done), rate_text(rate).c_str(),
               metric_text(state.epoch.training).c_str());
  std::fflush(out_);
}

}  // namespace treadle
