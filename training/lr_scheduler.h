// Learning rates that change with the number of updates.
#pragma once

#include <cstdint>

namespace treadle {

// A function of the number of updates; one object may serve many optimizers.
class LearningRateScheduler {
 public:
  virtual ~LearningRateScheduler() = default;
  // The rate of update number `num_update` (from 1) of an optimizer whose own rate is `base`.
  virtual float rate(int64_t num_update, float base) const = 0;
};

// Multiplies the rate by `factor` after every `step` updates; it never falls below `lowest`.
class FactorScheduler final : public LearningRateScheduler {
 public:
  // Throws Error for a step below 1 and a factor that is not in (0, 1].
  FactorScheduler(int64_t step, float factor, float lowest = 1e-8f);
  float rate(int64_t num_update, float base) const override;

 private:
  int64_t step_;
  float factor_, lowest_;
};

// Falls from the optimizer's own rate to `lowest` along half a cosine over `updates` updates, and
// stays there.
class CosineScheduler final : public LearningRateScheduler {
 public:
  // Throws Error for less than one update.
  explicit CosineScheduler(int64_t updates, float lowest = 0);
  float rate(int64_t num_update, float base) const override;

 private:
  int64_t updates_;
  float lowest_;
};

}  // namespace treadle
