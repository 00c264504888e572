#include "treadle/training/metric.h"

#include <limits>

#include "treadle/core/error.h"

namespace treadle {

void MeanMetric::update(std::span<const Array> labels, std::span<const Array> predictions,
                        int64_t padding) {
  if (labels.size() != predictions.size()) {
    throw Error("The metric '", name_, "' is given ", labels.size(), " arrays of labels for ",
                predictions.size(), " outputs; it needs one for each.");
  }
  std::vector<LabelledOutput> outputs;
  for (size_t i = 0; i < labels.size(); ++i) {
    const bool has_classes =
        predictions[i].shape().ndim() > 1 && labels[i].elements() < predictions[i].elements();
    outputs.push_back(
        {labels[i], predictions[i], has_classes ? std::optional<int>(1) : std::nullopt, padding});
  }
  tally_.add(outputs);
}

double MeanMetric::value() const {
  const Findings& found = tally_.read();
  return found.count > 0 ? found.onto(0) / double(found.count)
                         : std::numeric_limits<double>::quiet_NaN();
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
