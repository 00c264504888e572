#include "treadle/training/metric.h"

#include <algorithm>
#include <cmath>

#include "treadle/core/error.h"

namespace treadle {
namespace {

std::vector<float> to_floats(const Array& array) {
  return array.type() == DType::f32 ? array.to_vector<float>()
                                    : array.as_type(DType::f32).to_vector<float>();
}

}  // namespace

void MeanMetric::update(std::span<const Array> labels, std::span<const Array> predictions,
                        int64_t padding) {
  if (labels.size() != predictions.size()) {
    throw Error("The metric '", name_, "' is given ", labels.size(), " arrays of labels for ",
                predictions.size(), " outputs; it needs one for each.");
  }
  for (size_t i = 0; i < labels.size(); ++i) add(read(labels[i], predictions[i], padding));
}

MeanMetric::Batch MeanMetric::read(const Array& labels, const Array& predictions,
                                   int64_t padding) const {
  const Shape& shape = predictions.shape();
  const bool has_classes = shape.ndim() > 1 && labels.elements() < predictions.elements();
  Batch batch;
  batch.rows = shape.empty() ? 0 : shape[0];
  batch.classes = has_classes ? shape[1] : 1;
  batch.positions = batch.rows > 0 ? predictions.elements() / batch.rows / batch.classes : 0;
  if (batch.rows == 0 || labels.elements() != batch.rows * batch.positions) {
    throw Error(
        "The metric '", name_, "' is given labels of shape ", labels.shape(),
        " for predictions of shape ", shape,
        "; labels have the shape of the predictions without their second axis, the classes.");
  }
  if (padding < 0 || padding > batch.rows) {
    throw Error("The metric '", name_, "' is told to leave out ", padding, " of ", batch.rows,
                " rows.");
  }
  batch.rows -= padding;
  batch.labels = to_floats(labels);
  batch.predictions = to_floats(predictions);
  return batch;
}

void Accuracy::add(const Batch& batch) {
  for (int64_t row = 0; row < batch.rows; ++row) {
    for (int64_t p = 0; p < batch.positions; ++p) {
      const float* first = batch.predictions.data() + row * batch.classes * batch.positions + p;
      int64_t best = 0;
      for (int64_t c = 1; c < batch.classes; ++c) {
        if (first[c * batch.positions] > first[best * batch.positions]) best = c;
      }
      const int64_t predicted = batch.classes > 1 ? best : int64_t(*first);
      sum_ += predicted == int64_t(batch.labels[size_t(row * batch.positions + p)]) ? 1 : 0;
      ++count_;
    }
  }
}

void CrossEntropy::add(const Batch& batch) {
  for (int64_t row = 0; row < batch.rows; ++row) {
    for (int64_t p = 0; p < batch.positions; ++p) {
      const int64_t label = int64_t(batch.labels[size_t(row * batch.positions + p)]);
      if (label < 0 || label >= batch.classes) {
        throw Error("The metric '", name(), "' is given the label ", label,
                    "; the predictions have the classes 0 to ", batch.classes - 1, ".");
      }
      const size_t at = size_t((row * batch.classes + label) * batch.positions + p);
      sum_ -= std::log(double(batch.predictions[at]) + epsilon_);
      ++count_;
    }
  }
}

void CompositeMetric::update(std::span<const Array> labels, std::span<const Array> predictions,
                             int64_t padding) {
  for (const auto& member : members_) member->update(labels, predictions, padding);
}

void CompositeMetric::reset() {
  for (const auto& member : members_) member->reset();
}

std::vector<MetricValue> CompositeMetric::values() const {
  std::vector<MetricValue> all;
  for (const auto& member : members_) {
    for (MetricValue& value : member->values()) all.push_back(std::move(value));
  }
  return all;
}

}  // namespace treadle
