// Measures: what a metric finds in one batch. They run inside tasks of the engine, see tally.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "treadle/core/dtype.h"

namespace treadle {

// Labels of any type, as they lie in memory.
class Labels {
 public:
  Labels() = default;
  Labels(const void* first, DType type) : first_(first), type_(type) {}

  double operator[](int64_t i) const {
    switch (type_) {
      case DType::f32: return static_cast<const float*>(first_)[i];
      case DType::f64: return static_cast<const double*>(first_)[i];
      case DType::i32: return static_cast<const int32_t*>(first_)[i];
      case DType::i64: return double(static_cast<const int64_t*>(first_)[i]);
      default: return of_other_type(i);
    }
  }

 private:
  double of_other_type(int64_t i) const;

  const void* first_ = nullptr;
  DType type_ = DType::f32;
};

// One output of a batch with its labels, on the host. Predictions have the shape (rows, classes,
// positions), labels (rows, positions); where there is no axis of classes, `classes` is 0 and both
// have the shape (rows, positions).
struct MeasuredOutput {
  Labels labels;                      // nowhere for measures of predictions alone
  const void* predictions = nullptr;  // of f32 or f64, as `type` says
  DType type = DType::f32;
  int64_t rows = 0, classes = 0, positions = 1;

  int64_t cells() const { return rows * positions; }
  // Calls `body` with the predictions, `const float*` or `const double*`.
  template <class Body>
  decltype(auto) visit(Body&& body) const {
    return type == DType::f64 ? body(static_cast<const double*>(predictions))
                              : body(static_cast<const float*>(predictions));
  }
};

// What was found in a batch.
struct Sums {
  double sum = 0;
  int64_t count = 0;
  std::vector<double> table;  // of measures that count by kind, over all batches; row-major
};

// Adds what it finds in the outputs of one batch. Throws Error for values that make no sense to it.
using Measure = std::function<void(std::span<const MeasuredOutput>, Sums&)>;

// Which measure is the mean of what, as sum / count; cells are (row, position).
namespace measure {

// Cells whose largest prediction is at the label; without classes, cells that are equal when both
// are cut to integers.
Measure accuracy();
// Cells whose label is among the `k` largest predictions.
Measure top_k(int64_t k);
// -log(probability of the label + epsilon). A negative label counts from the last class, as it does
// in MXNet; OutOfRange for a label that is no class.
Measure cross_entropy(double epsilon);
// -log(probability of the label, at least 1e-10); cells whose label is `ignored` do not count. A
// label that is no class is taken as the nearest one, as in MXNet.
Measure perplexity(std::optional<int64_t> ignored);
// The mean of an output's |label - prediction|, of its square, and the root of the latter; each
// output counts once.
Measure absolute_error();
Measure squared_error();
Measure root_squared_error();
// The predictions themselves.
Measure total();
// Pearson's correlation of labels and predictions; each output counts once.
Measure correlation();

// A score of two classes from hits, false alarms, rejections and misses.
using TwoClassScore = double (*)(std::span<const double> counts);
double f1_score(std::span<const double> counts);
// Matthews' correlation.
double matthews_score(std::span<const double> counts);
// The score of each batch, which counts once. Error where labels have more than two values.
Measure two_classes(TwoClassScore score);
// `table` counts hits, false alarms, rejections and misses.
Measure two_class_counts();
// `table`[predicted][label] counts cells; it grows to the largest class that was seen.
Measure confusion();

}  // namespace measure
}  // namespace treadle
