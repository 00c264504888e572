#include "train.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "treadle/io/array_iterator.h"
#include "treadle/io/random_shift.h"
#include "treadle/serialization/array_file.h"
#include "treadle/training/checkpoint_writer.h"
#include "treadle/training/progress_bar.h"
#include "treadle/training/sgd.h"

namespace demo {
namespace {

using namespace treadle;

constexpr int64_t scoring_batch = 100;

ArrayIterator training_iterator(const Digits& digits, const Options& options) {
  return ArrayIterator({{"data", digits.training.pixels}},
                       {{"softmax_label", digits.training.labels}},
                       {.batch_size = options.batch_size, .shuffle = true, .seed = options.seed});
}

ArrayIterator scoring_iterator(const Images& images) {
  return ArrayIterator({{"data", images.pixels}}, {{"softmax_label", images.labels}},
                       {.batch_size = std::min(scoring_batch, images.count())});
}

// The rate falls to nothing over the whole training.
std::shared_ptr<const LearningRateScheduler> schedule(const Options& options,
                                                      const ArrayIterator& images) {
  if (options.is_plain) return nullptr;
  return std::make_shared<CosineScheduler>(images.num_batches() * options.epochs);
}

// The loss of every batch of the first epoch, one by one.
class BatchLosses final : public Metric {
 public:
  void update(std::span<const Array> labels, std::span<const Array> predictions, int64_t) override {
    if (!is_first_epoch_) return;
    CrossEntropy loss;  // rows that fill up a batch were trained on like the others
    loss.update(labels, predictions, 0);
    losses_.push_back(loss.value());
  }
  void reset() override { is_first_epoch_ = losses_.empty(); }
  std::vector<MetricValue> values() const override { return {}; }
  const std::vector<double>& losses() const { return losses_; }

 private:
  bool is_first_epoch_ = true;
  std::vector<double> losses_;
};

}  // namespace

double TrainingRun::examples_per_second() const {
  double examples = 0, seconds = 0;
  for (const EpochRecord& epoch : fit.epochs) {
    examples += double(epoch.examples);
    seconds += epoch.seconds;
  }
  return seconds > 0 ? examples / seconds : 0;
}

Score score(Model& model, const Images& images) {
  ArrayIterator data = scoring_iterator(images);
  Accuracy accuracy;
  model.score(data, accuracy);
  return {std::llround(accuracy.value() * double(images.count())), images.count()};
}

std::string to_string(const Score& score) {
  char text[96];
  std::snprintf(text, sizeof text, "test accuracy: %.2f %% (%lld of %lld images)", score.percent(),
                static_cast<long long>(score.right), static_cast<long long>(score.total));
  return text;
}

TrainingRun train(Model& model, const Digits& digits, const Options& options,
                  const std::string& prefix, bool shows_progress, const StopFlag& stop) {
  ArrayIterator images = training_iterator(digits, options);
  RandomShift data(images, {.pixels = options.is_plain ? 0 : options.shift, .seed = options.seed});
  ArrayIterator held_out = scoring_iterator(digits.held_out);
  const auto losses = std::make_shared<BatchLosses>();
  FitOptions fit = {
      .epochs = options.epochs,
      .optimizer = std::make_shared<SGD>(SGD::Options{.learning_rate = options.learning_rate,
                                                      .momentum = options.momentum,
                                                      .scheduler = schedule(options, images)}),
      .initializer = std::make_shared<Xavier>(),
      .seed = options.seed,
      .metric = std::make_shared<CompositeMetric>(std::vector<std::shared_ptr<Metric>>{
          std::make_shared<CrossEntropy>("loss"), std::make_shared<Accuracy>(), losses}),
      .stop = &stop,
  };
  // Shown in the curve; no decision depends on it.
  if (shows_progress) {
    fit.validation = &held_out;
    fit.validation_metric = std::make_shared<Accuracy>("test accuracy");
    fit.callbacks.push_back(std::make_shared<ProgressBar>());
  }
  const auto checkpoints = std::make_shared<CheckpointWriter>(prefix, 1, 1);
  if (!prefix.empty()) fit.callbacks.push_back(checkpoints);
  TrainingRun run;
  run.fit = model.fit(data, fit);
  run.last_checkpoint = checkpoints->last_epoch();
  run.batch_losses = losses->losses();
  return run;
}

void save_initial(Model& model, const Digits& digits, const Options& options) {
  ArrayIterator data = training_iterator(digits, options);
  std::vector<DataDesc> inputs = data.provided_data();
  inputs.push_back(data.provided_labels()[0]);
  model.init_parameters(inputs, Xavier(), options.seed);
  model.save(options.save_initial, 0);
  std::vector<int32_t> batches;
  while (const auto batch = data.next())
    batches.insert(batches.end(), batch->indices.begin(), batch->indices.end());
  const Shape shape = {int64_t(batches.size()) / options.batch_size, options.batch_size};
  save_arrays(options.save_initial + "-data.params", {{"data", digits.training.pixels},
                                                      {"label", digits.training.labels},
                                                      {"batches", Array::from(batches, shape)}});
}

}  // namespace demo
