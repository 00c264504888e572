#include "treadle/training/checkpoint_writer.h"

#include <filesystem>
#include <system_error>

#include "treadle/core/error.h"
#include "treadle/serialization/checkpoint.h"
#include "treadle/training/model.h"

namespace treadle {

CheckpointWriter::CheckpointWriter(std::string prefix, int period, int keep)
    : prefix_(std::move(prefix)), period_(period), keep_(keep) {
  if (period < 1)
    throw Error("CheckpointWriter: period is ", period, ", expected at least 1 epoch.");
}

void CheckpointWriter::end_epoch(TrainingState& state) {
  const int done = state.epoch.epoch + 1;
  if ((done - state.first_epoch) % period_ != 0 && done != state.end_epoch) return;
  state.model.save(prefix_, done);
  kept_.push_back(done);
  if (keep_ > 0 && int(kept_.size()) > keep_) {
    std::error_code ignored;  // a file that is gone already is what was wanted
    std::filesystem::remove(checkpoint_array_file(prefix_, kept_.front()), ignored);
    kept_.erase(kept_.begin());
  }
}

}  // namespace treadle
