// Metrics: how good predictions are, summed over the batches of an epoch.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/tensor/array.h"

namespace treadle {

struct MetricValue {
  std::string name;
  double value;
};

// A running measure. Reading the arrays waits for what computes them.
class Metric {
 public:
  virtual ~Metric() = default;

  // Adds a batch: one array of labels per array of predictions. The last `padding` rows of each do
  // not count. Throws Error for shapes that do not belong together.
  virtual void update(std::span<const Array> labels, std::span<const Array> predictions,
                      int64_t padding = 0) = 0;
  // Forgets all batches.
  virtual void reset() = 0;
  // What the batches gave; NaN before the first.
  virtual std::vector<MetricValue> values() const = 0;
};

// A mean over examples, or over whatever is counted.
class MeanMetric : public Metric {
 public:
  explicit MeanMetric(std::string name) : name_(std::move(name)) {}

  void update(std::span<const Array> labels, std::span<const Array> predictions,
              int64_t padding = 0) override;
  void reset() override { sum_ = 0, count_ = 0; }
  const std::string& name() const { return name_; }
  double value() const {
    return count_ > 0 ? sum_ / double(count_) : std::numeric_limits<double>::quiet_NaN();
  }
  std::vector<MetricValue> values() const override { return {{name_, value()}}; }

 protected:
  // Predictions of one output on the host: for each of `rows` examples `classes` numbers for each
  // of `positions`, as in the shape (rows, classes, positions); labels are (rows, positions).
  struct Batch {
    std::vector<float> labels, predictions;
    int64_t rows = 0, classes = 1, positions = 1;
  };
  virtual void add(const Batch& batch) = 0;

  double sum_ = 0;
  int64_t count_ = 0;

 private:
  Batch read(const Array& labels, const Array& predictions, int64_t padding) const;

  std::string name_;
};

// The share of examples whose largest prediction is at the label. Predictions without an axis of
// classes are taken as the classes themselves.
class Accuracy final : public MeanMetric {
 public:
  explicit Accuracy(std::string name = "accuracy") : MeanMetric(std::move(name)) {}

 protected:
  void add(const Batch& batch) override;
};

// The mean of -log(probability of the label + epsilon).
class CrossEntropy final : public MeanMetric {
 public:
  explicit CrossEntropy(std::string name = "cross-entropy", double epsilon = 1e-12)
      : MeanMetric(std::move(name)), epsilon_(epsilon) {}

 protected:
  void add(const Batch& batch) override;

 private:
  double epsilon_;
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
