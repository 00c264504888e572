// Metrics: how good predictions are, summed over the batches of an epoch.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/tensor/array.h"
#include "treadle/training/tally.h"

namespace treadle {

struct MetricValue {
  std::string name;
  double value;
};

// A running measure of what predictions are worth.
class Metric {
 public:
  virtual ~Metric() = default;

  // Adds a batch: one array of labels per array of predictions. The last `padding` rows of each do
  // not count. Throws Error for shapes that do not belong together. What is measured by tasks of
  // the engine is measured later, and may throw in a later call.
  virtual void update(std::span<const Array> labels, std::span<const Array> predictions,
                      int64_t padding = 0) = 0;
  // Forgets all batches.
  virtual void reset() = 0;
  // What the batches gave; NaN before the first. Waits for what is still to be measured.
  virtual std::vector<MetricValue> values() const = 0;
};

// The mean of what a measure finds, by tasks of the engine. Predictions of shape (rows, classes,
// ...) have labels of the same shape without the classes; where both have as many elements, there
// is no axis of classes.
//
//   MeanMetric best_five("top 5", measure::top_k(5));
class MeanMetric : public Metric {
 public:
  MeanMetric(std::string name, Measure measure)
      : name_(std::move(name)), tally_(std::move(measure), name_) {}

  void update(std::span<const Array> labels, std::span<const Array> predictions,
              int64_t padding = 0) override;
  void reset() override { tally_.reset(); }
  const std::string& name() const { return name_; }
  double value() const;
  std::vector<MetricValue> values() const override { return {{name_, value()}}; }

 private:
  std::string name_;
  Tally tally_;
};

// The share of examples whose largest prediction is at the label. Predictions without an axis of
// classes are taken as the classes themselves.
class Accuracy final : public MeanMetric {
 public:
  explicit Accuracy(std::string name = "accuracy")
      : MeanMetric(std::move(name), measure::accuracy()) {}
};

// The mean of -log(probability of the label + epsilon).
class CrossEntropy final : public MeanMetric {
 public:
  explicit CrossEntropy(std::string name = "cross-entropy", double epsilon = 1e-12)
      : MeanMetric(std::move(name), measure::cross_entropy(epsilon)) {}
};

// Several metrics as one.
class CompositeMetric final : public Metric {
 public:
  explicit CompositeMetric(std::vector<std::shared_ptr<Metric>> members)
      : members_(std::move(members)) {}

  void update(std::span<const Array> labels, std::span<const Array> predictions,
              int64_t padding = 0) override;
  void reset() override;
  std::vector<MetricValue> values() const override;

 private:
  std::vector<std::shared_ptr<Metric>> members_;
};

}  // namespace treadle
