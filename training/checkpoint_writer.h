// Saves the model while it is trained.
#pragma once

#include <string>
#include <vector>

#include "treadle/training/callback.h"

namespace treadle {

// After every `period` epochs and after the last one writes PREFIX-symbol.json and
// PREFIX-NNNN.params, NNNN being the number of epochs done. With `keep` above 0 only that many of
// its own .params files stay: an old one is removed when a new one has been written.
class CheckpointWriter final : public Callback {
 public:
  // Throws Error for a period below 1.
  explicit CheckpointWriter(std::string prefix, int period = 1, int keep = 0);

  void end_epoch(TrainingState& state) override;
  // Epochs done when the last file was written; 0 before the first.
  int last_epoch() const { return kept_.empty() ? 0 : kept_.back(); }

 private:
  std::string prefix_;
  int period_;
  int keep_;
  std::vector<int> kept_;
};

}  // namespace treadle
