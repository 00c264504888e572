// Model: a symbol with its parameters, trained, scored and asked for predictions.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "treadle/executor/executor.h"
#include "treadle/io/data_iterator.h"
#include "treadle/training/callback.h"
#include "treadle/training/initializer.h"
#include "treadle/training/metric.h"
#include "treadle/training/optimizer.h"
#include "treadle/training/stop_flag.h"

namespace treadle {

struct FitOptions {
  // Training runs epochs [first_epoch, epochs); a resumed one begins where the checkpoint ended.
  int epochs = 1;
  int first_epoch = 0;
  std::shared_ptr<Optimizer> optimizer = {};  // SGD with its default options when empty
  // For parameters that have no values yet; Uniform(0.07) when empty.
  std::shared_ptr<const Initializer> initializer = {};
  uint64_t seed = 0;  // of the initialiser
  // What is measured on the training data; Accuracy when empty.
  std::shared_ptr<Metric> metric = {};
  // Data that is scored after each epoch, and with what; the training's metric when empty.
  DataIterator* validation = nullptr;
  std::shared_ptr<Metric> validation_metric = {};
  std::vector<std::shared_ptr<Callback>> callbacks = {};
  const StopFlag* stop = nullptr;
};

struct FitResult {
  std::vector<EpochRecord> epochs;  // the complete ones
  bool was_stopped = false;         // by the stop flag or a callback, before the last epoch's end
};

// The arguments that an iterator feeds are inputs, all others are parameters. One thread at a time
// may use a model; its executors share the parameters' arrays.
//
//   Model model(lenet);
//   model.fit(train, {.epochs = 20, .optimizer = std::make_shared<SGD>(...)});
//   Accuracy accuracy;
//   model.score(test, accuracy);
class Model {
 public:
  explicit Model(Symbol symbol, Device device = cpu());
  // With the values of parameters and auxiliary states, which the model shares with the caller.
  Model(Symbol symbol, ArrayMap parameters, ArrayMap auxiliaries, Device device = cpu());

  // The files PREFIX-symbol.json and PREFIX-NNNN.params, as MXNet names them.
  static Model load(const std::string& prefix, int epoch, Device device = cpu());
  void save(const std::string& prefix, int epoch) const;

  const Symbol& symbol() const { return symbol_; }
  const ArrayMap& parameters() const { return parameters_; }
  const ArrayMap& auxiliaries() const { return auxiliaries_; }

  // Gives values to the parameters and states that have none; shapes follow from those of `inputs`
  // (data and labels). Throws Error for a parameter whose shape does not fit.
  void init_parameters(const std::vector<DataDesc>& inputs, const Initializer& initializer,
                       uint64_t seed = 0);

  // Trains. The label arguments are those that `train` provides labels for. An exception leaves the
  // parameters as the last completed update left them.
  FitResult fit(DataIterator& train, const FitOptions& options);

  // Resets `data` and `metric` and measures all of the data in inference mode.
  std::vector<MetricValue> score(DataIterator& data, Metric& metric);

  // The outputs for all of the data, one array each, rows in the iterator's order, padding left
  // out.
  std::vector<Array> predict(DataIterator& data);

  // Returns when every queued update of the parameters has ended; rethrows their errors.
  void wait() const;

 private:
  struct Bound {
    std::vector<DataDesc> inputs;
    std::optional<Executor> executor;
  };

  // The executor for inputs of these shapes, with gradients or without.
  Executor& executor_for(Bound& bound, const std::vector<DataDesc>& inputs, bool with_gradients);
  // Labels that the symbol does not have as arguments are only for metrics.
  std::vector<DataDesc> inputs_of(const DataIterator& data) const;
  static ArrayMap feed(const DataIterator& iterator, const DataBatch& batch,
                       const std::vector<DataDesc>& inputs);
  bool run_epoch(DataIterator& train, Executor& executor, Updater& updater, Metric& metric,
                 const FitOptions& options, TrainingState& state);

  Symbol symbol_;
  Device device_;
  ArrayMap parameters_, auxiliaries_;
  Bound training_, inference_;
};

}  // namespace treadle
