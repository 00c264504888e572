#include "treadle/training/lr_scheduler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "treadle/core/error.h"

namespace treadle {

FactorScheduler::FactorScheduler(int64_t step, float factor, float lowest)
    : step_(step), factor_(factor), lowest_(lowest) {
  if (step < 1) throw Error("FactorScheduler: step is ", step, ", expected at least 1 update.");
  if (!(factor > 0 && factor <= 1)) {
    throw Error("FactorScheduler: factor is ", factor, ", expected a number above 0 and up to 1.");
  }
}

float FactorScheduler::rate(int64_t num_update, float base) const {
  const int64_t falls = std::max<int64_t>(num_update - 1, 0) / step_;
  return std::max(base * float(std::pow(double(factor_), double(falls))), std::min(base, lowest_));
}

CosineScheduler::CosineScheduler(int64_t updates, float lowest)
    : updates_(updates), lowest_(lowest) {
  if (updates < 1) {
    throw Error("CosineScheduler: updates is ", updates, ", expected at least 1 update.");
  }
}

float CosineScheduler::rate(int64_t num_update, float base) const {
  const int64_t done = std::clamp<int64_t>(num_update - 1, 0, updates_);
  const double share = double(done) / double(updates_);
  return lowest_ + (base - lowest_) * float(0.5 * (1 + std::cos(std::numbers::pi * share)));
}

}  // namespace treadle
