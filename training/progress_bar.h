// A line per epoch that grows while the epoch runs.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "treadle/training/callback.h"

namespace treadle {

// Draws on a terminal one line per epoch: a bar, rate, metrics and the time left of the whole
// training; redrawn in place, at most ten times a second. Elsewhere a line at the end of each
// epoch.
class ProgressBar final : public Callback {
 public:
  enum class Style { automatic, bar, lines };
  // `out` must outlive it. `automatic` asks whether it is a terminal.
  explicit ProgressBar(std::FILE* out = stdout, Style style = Style::automatic);

  void begin_epoch(TrainingState& state) override;
  void end_batch(TrainingState& state) override;
  void end_epoch(TrainingState& state) override;
  void end_training(TrainingState& state) noexcept override;

 private:
  using Clock = std::chrono::steady_clock;

  std::string text(const TrainingState& state, bool is_complete) const;
  void draw(const std::string& line, bool is_last);

  std::FILE* out_;
  bool is_bar_;
  bool has_open_line_ = false;
  Clock::time_point last_drawn_;
};

}  // namespace treadle
