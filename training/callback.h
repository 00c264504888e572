// What training tells while it runs.
#pragma once

#include <cstdint>
#include <vector>

#include "treadle/training/metric.h"

namespace treadle {

class Model;

// An epoch, under way or complete.
struct EpochRecord {
  int epoch = 0;  // from 0
  // Of what was measured; under way that lags one batch behind: a batch is measured while the next
  // one runs.
  int64_t examples = 0;
  std::vector<MetricValue> training;
  double seconds = 0;                   // of training, without validation
  std::vector<MetricValue> validation;  // empty under way and without validation data

  double examples_per_second() const { return seconds > 0 ? double(examples) / seconds : 0; }
};

// What a callback sees.
struct TrainingState {
  Model& model;
  int first_epoch, end_epoch;  // training runs epochs [first_epoch, end_epoch)
  int64_t num_batches;         // of an epoch; 0 when the iterator does not know
  int64_t batches_done = 0;    // of this epoch
  double total_seconds = 0;    // since training began
  EpochRecord epoch;
  // A callback may set it: training ends after this batch or epoch.
  bool stop = false;
};

// Called by Model::fit in the thread that called it. What a callback throws ends the training.
class Callback {
 public:
  virtual ~Callback() = default;
  virtual void begin_epoch(TrainingState&) {}
  virtual void end_batch(TrainingState&) {}
  // Not called for an epoch that was stopped half way.
  virtual void end_epoch(TrainingState&) {}
  // Once, however training ends, exceptions included; must not throw.
  virtual void end_training(TrainingState&) noexcept {}
};

}  // namespace treadle
