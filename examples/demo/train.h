// One training run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "digits.h"
#include "options.h"
#include "treadle/training/model.h"

namespace demo {

// How many of `images` the model tells right.
struct Score {
  int64_t right = 0, total = 0;
  double percent() const { return 100.0 * double(right) / double(total); }
};
Score score(treadle::Model& model, const Images& images);
// "test accuracy: 98.61 % (354 of 359 images)".
std::string to_string(const Score& score);

struct TrainingRun {
  treadle::FitResult fit;
  int last_checkpoint = 0;           // epochs done when it was written; 0: none
  std::vector<double> batch_losses;  // of the first epoch, in order
  double examples_per_second() const;
};

// Trains `model` from the first weights of `options.seed`. With a prefix, the newest checkpoint is
// kept there; with `shows_progress`, a line per epoch is printed.
TrainingRun train(treadle::Model& model, const Digits& digits, const Options& options,
                  const std::string& prefix, bool shows_progress, const treadle::StopFlag& stop);

// For comparisons with another program: writes PREFIX-symbol.json and PREFIX-0000.params with the
// first weights, and PREFIX-data.params with `data`, `label` and `batches`, the rows of which are
// the examples of each batch of the first epoch.
void save_initial(treadle::Model& model, const Digits& digits, const Options& options);

}  // namespace demo
