// The loop over epochs and batches.
#include <chrono>

#include "treadle/core/error.h"
#include "treadle/training/model.h"
#include "treadle/training/sgd.h"

namespace treadle {
namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What a batch leaves behind to be measured while the next one runs.
struct Unmeasured {
  std::vector<Array> labels, predictions;
  int64_t padding = 0;
  int64_t rows = 0;

  // How many examples were measured; 0 before the first batch.
  int64_t measure(Metric& metric) {
    if (predictions.empty()) return 0;
    metric.update(labels, predictions, padding);
    predictions.clear();
    return rows - padding;
  }
};

// Tells callbacks of the end of training, however it comes.
class EndOfTraining {
 public:
  EndOfTraining(const std::vector<std::shared_ptr<Callback>>& callbacks, TrainingState& state)
      : callbacks_(callbacks), state_(state) {}
  ~EndOfTraining() {
    for (const auto& callback : callbacks_) callback->end_training(state_);
  }
  EndOfTraining(const EndOfTraining&) = delete;
  EndOfTraining& operator=(const EndOfTraining&) = delete;

 private:
  const std::vector<std::shared_ptr<Callback>>& callbacks_;
  TrainingState& state_;
};

}  // namespace

// False when it was stopped half way.
bool Model::run_epoch(DataIterator& train, Executor& executor, Updater& updater, Metric& metric,
                      const FitOptions& options, TrainingState& state) {
  const auto start = Clock::now();
  const double seconds_before = state.total_seconds;
  const auto take_time = [&] {
    state.epoch.seconds = seconds_since(start);
    state.total_seconds = seconds_before + state.epoch.seconds;
  };
  const std::vector<std::string>& names = executor.program()->argument_names();
  Unmeasured last;
  train.reset();
  metric.reset();
  bool was_stopped = false;
  while (!was_stopped) {
    std::optional<DataBatch> batch = train.next();
    if (!batch) break;
    executor.forward(Mode::train, feed(train, *batch, training_.inputs));
    // Copies: the next forward overwrites the outputs.
    Unmeasured now{batch->labels, {}, batch->padding, train.batch_size()};
    for (const Array& output : executor.outputs()) now.predictions.push_back(output.copy());
    executor.backward();
    for (size_t i = 0; i < names.size(); ++i) {
      if (const Array& gradient = executor.gradients()[i]; gradient.is_valid()) {
        updater(names[i], executor.arguments()[i], gradient);
      }
    }
    // The only wait of the loop, for the batch before: the engine has this one to work on
    // meanwhile.
    state.epoch.examples += last.measure(metric);
    last = std::move(now);
    ++state.batches_done;
    state.epoch.training = metric.values();
    take_time();
    for (const auto& callback : options.callbacks) callback->end_batch(state);
    was_stopped = state.stop || (options.stop != nullptr && options.stop->is_requested());
  }
  state.epoch.examples += last.measure(metric);
  wait();
  state.epoch.training = metric.values();
  take_time();
  return !was_stopped;
}

FitResult Model::fit(DataIterator& train, const FitOptions& options) {
  if (options.epochs < options.first_epoch || options.first_epoch < 0) {
    throw Error("fit is asked for epochs ", options.first_epoch, " to ", options.epochs,
                "; the first must not be negative nor above the last.");
  }
  const std::shared_ptr<Optimizer> optimizer =
      options.optimizer ? options.optimizer : std::make_shared<SGD>(SGD::Options{});
  const std::shared_ptr<Metric> metric =
      options.metric ? options.metric : std::make_shared<Accuracy>();
  Metric& validation_metric = options.validation_metric ? *options.validation_metric : *metric;

  const std::vector<DataDesc> inputs = inputs_of(train);
  const Uniform uniform;
  init_parameters(inputs, options.initializer ? *options.initializer : uniform, options.seed);
  Executor& executor = executor_for(training_, inputs, true);
  optimizer->set_default_rescale_grad(1.0f / float(train.batch_size()));
  optimizer->read_attributes(symbol_);
  Updater updater(optimizer);

  FitResult result;
  TrainingState state{.model = *this,
                      .first_epoch = options.first_epoch,
                      .end_epoch = options.epochs,
                      .num_batches = train.num_batches(),
                      .epoch = {}};
  const EndOfTraining end(options.callbacks, state);
  for (int epoch = options.first_epoch; epoch < options.epochs && !result.was_stopped; ++epoch) {
    state.epoch = {};
    state.epoch.epoch = epoch;
    state.batches_done = 0;
    for (const auto& callback : options.callbacks) callback->begin_epoch(state);
    if (!run_epoch(train, executor, updater, *metric, options, state)) {
      result.was_stopped = true;
      break;
    }
    if (options.validation != nullptr)
      state.epoch.validation = score(*options.validation, validation_metric);
    for (const auto& callback : options.callbacks) callback->end_epoch(state);
    result.epochs.push_back(state.epoch);
    const bool asked = state.stop || (options.stop != nullptr && options.stop->is_requested());
    result.was_stopped = asked && epoch + 1 < options.epochs;
  }
  return result;
}

std::vector<MetricValue> Model::score(DataIterator& data, Metric& metric) {
  const std::vector<DataDesc> inputs = inputs_of(data);
  Executor& executor = executor_for(inference_, inputs, false);
  data.reset();
  metric.reset();
  Unmeasured last;
  while (std::optional<DataBatch> batch = data.next()) {
    executor.forward(Mode::infer, feed(data, *batch, inputs));
    Unmeasured now{batch->labels, {}, batch->padding, data.batch_size()};
    for (const Array& output : executor.outputs()) now.predictions.push_back(output.copy());
    last.measure(metric);
    last = std::move(now);
  }
  last.measure(metric);
  return metric.values();
}

std::vector<Array> Model::predict(DataIterator& data) {
  const std::vector<DataDesc> inputs = inputs_of(data);
  Executor& executor = executor_for(inference_, inputs, false);
  data.reset();
  std::vector<std::vector<Array>> parts(executor.outputs().size());
  while (std::optional<DataBatch> batch = data.next()) {
    executor.forward(Mode::infer, feed(data, *batch, inputs));
    for (size_t i = 0; i < parts.size(); ++i) {
      const Array& output = executor.outputs()[i];
      if (output.shape().empty() || output.shape()[0] != data.batch_size()) {
        throw Error("The output '", executor.program()->output_names()[i], "' has shape ",
                    output.shape(), ", expected one row for each of the ", data.batch_size(),
                    " examples of a batch; predict can only ", "put rows together.");
      }
      // No further ahead than one batch, so that what is queued does not grow with the data.
      if (!parts[i].empty()) parts[i].back().wait();
      parts[i].push_back(output.slice(0, data.batch_size() - batch->padding).copy());
    }
  }
  std::vector<Array> results;
  for (const std::vector<Array>& rows : parts) {
    if (rows.empty()) throw Error("predict is given an iterator without a batch.");
    Shape shape = rows[0].shape();
    shape[0] = 0;
    for (const Array& part : rows) shape[0] += part.shape()[0];
    Array& whole = results.emplace_back(Array::empty(shape, rows[0].type(), device_));
    int64_t row = 0;
    for (const Array& part : rows) {
      Array place = whole.slice(row, row + part.shape()[0]);
      place.copy_from(part);
      row += part.shape()[0];
    }
  }
  return results;
}

}  // namespace treadle
