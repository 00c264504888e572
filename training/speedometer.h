// A line every few batches, for logs.
#pragma once

#include <cstdint>
#include <cstdio>

#include "treadle/training/callback.h"

namespace treadle {

// MXNet's Speedometer: prints rate and metrics after every `frequent` batches.
class Speedometer final : public Callback {
 public:
  explicit Speedometer(int64_t frequent = 50, std::FILE* out = stdout)
      : frequent_(frequent), out_(out) {}

  void begin_epoch(TrainingState& state) override;
  void end_batch(TrainingState& state) override;

 private:
  int64_t frequent_;
  std::FILE* out_;
  // Where the last line was, to give the rate since then.
  int64_t examples_ = 0;
  double seconds_ = 0;
};

}  // namespace treadle
