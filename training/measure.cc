#include "treadle/training/measure.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/tensor/convert.h"

namespace treadle {

double Labels::of_other_type(int64_t i) const {
  double value = 0;
  convert(static_cast<const char*>(first_) + size_t(i) * size_of(type_), type_, &value, DType::f64,
          1);
  return value;
}

namespace measure {
namespace {

// Of a confusion matrix, which has the square of it in numbers of 8 bytes.
constexpr int64_t most_classes = 10'000;

// NaN is larger than any number, as numpy orders them.
template <class T>
bool is_larger(T a, T b) {
  return a > b || (std::isnan(a) && !std::isnan(b));
}

// A number as the class it stands for; what is none (NaN, infinity) becomes one that does not
// exist.
int64_t class_of(double value) {
  constexpr double limit = 1LL << 53;
  return std::abs(value) <= limit ? int64_t(value) : std::numeric_limits<int32_t>::min();
}

// Calls `body` with label and probabilities of each cell; those are `stride` apart.
template <class T, class Body>
void for_each_cell(const MeasuredOutput& output, const T* predictions, Body&& body) {
  for (int64_t row = 0; row < output.rows; ++row) {
    for (int64_t p = 0; p < output.positions; ++p) {
      const T* const first = predictions + row * output.classes * output.positions + p;
      body(class_of(output.labels[row * output.positions + p]), first, output.positions);
    }
  }
}

// The first of the largest ones.
template <class T>
int64_t largest(const T* first, int64_t stride, int64_t classes) {
  int64_t best = 0;
  for (int64_t c = 1; c < classes; ++c) {
    if (is_larger(first[c * stride], first[best * stride])) best = c;
  }
  return best;
}

// The same for numbers in a row: the maximum by lanes, which the compiler makes vectors of, then
// its place.
template <class T>
int64_t largest_in_row(const T* row, int64_t classes) {
  constexpr int64_t lanes = 16;
  if (classes < 2 * lanes) return largest(row, 1, classes);
  T best[lanes];
  std::copy_n(row, lanes, best);
  bool has_nan = false;
  int64_t c = 0;
  for (; c + lanes <= classes; c += lanes) {
    int nans = 0;
    for (int64_t l = 0; l < lanes; ++l) {
      const T value = row[c + l];
      best[l] = value > best[l] ? value : best[l];
      nans |= value != value;
    }
    has_nan = has_nan || nans != 0;
  }
  if (has_nan) return largest(row, 1, classes);
  const int64_t rest = c < classes ? c + largest(row + c, 1, classes - c) : 0;
  const T most = *std::max_element(best, best + lanes);
  if (is_larger(row[rest], most)) return rest;
  return std::find(row, row + classes, most) - row;
}

// Calls `body` with label and predicted class of each cell; without classes predictions become one
// by `as_class`.
template <class AsClass, class Body>
void for_each_class(const MeasuredOutput& output, AsClass&& as_class, Body&& body) {
  output.visit([&](const auto* predictions) {
    if (output.classes > 0) {
      for_each_cell(output, predictions, [&](int64_t label, const auto* first, int64_t stride) {
        body(label, stride == 1 ? largest_in_row(first, output.classes)
                                : largest(first, stride, output.classes));
      });
    } else {
      for (int64_t i = 0; i < output.cells(); ++i) {
        body(class_of(output.labels[i]), as_class(double(predictions[i])));
      }
    }
  });
}

// The measure that takes each output for itself.
template <class Body>
Measure per_output(Body body) {
  return [body](std::span<const MeasuredOutput> outputs, Sums& sums) {
    for (const MeasuredOutput& output : outputs) body(output, sums);
  };
}

// The measure that looks at the probabilities of each cell: `body` is called with the label, the
// output, its sums, and a function that gives the number of a class.
template <class Body>
Measure per_cell(const char* name, Body body) {
  return per_output([name, body](const MeasuredOutput& output, Sums& sums) {
    if (output.classes == 0) {
      throw Error(name, " is measured of predictions without an axis of classes.");
    }
    output.visit([&](const auto* predictions) {
      for_each_cell(output, predictions, [&](int64_t label, const auto* first, int64_t stride) {
        body(label, output.classes, sums, [&](int64_t c) { return double(first[c * stride]); });
      });
    });
  });
}

template <class Body>
double mean_difference(const MeasuredOutput& output, Body&& of_difference) {
  return output.visit([&](const auto* predictions) {
    double sum = 0;
    for (int64_t i = 0; i < output.cells(); ++i) {
      sum += of_difference(output.labels[i] - double(predictions[i]));
    }
    return sum / double(output.cells());
  });
}

double mean_square(const MeasuredOutput& output) {
  return mean_difference(output, [](double d) { return d * d; });
}

Measure once_per_output(double (*value)(const MeasuredOutput&)) {
  return per_output([value](const MeasuredOutput& output, Sums& sums) {
    sums.sum += value(output);
    ++sums.count;
  });
}

// Adds to hits, false alarms, rejections and misses.
void count_two_classes(std::span<const MeasuredOutput> outputs, std::span<double> counts) {
  for (const MeasuredOutput& output : outputs) {
    std::vector<int64_t> seen;
    for_each_class(
        output, [](double score) { return int64_t(score > 0.5); },
        [&](int64_t label, int64_t predicted) {
          if (std::ranges::find(seen, label) == seen.end()) seen.push_back(label);
          if (seen.size() > 2) {
            throw Error("A metric of two classes is given labels of more: ", seen[0], ", ", seen[1],
                        " and ", label, ".");
          }
          const bool is_true = label == 1;
          if (predicted == 1) {
            ++counts[is_true ? 0 : 1];
          } else {
            ++counts[is_true ? 3 : 2];
          }
        });
  }
}

double correlation_of(const MeasuredOutput& output) {
  return output.visit([&](const auto* predictions) {
    const double n = double(output.cells());
    double mean_x = 0, mean_y = 0;
    for (int64_t i = 0; i < output.cells(); ++i) {
      mean_x += double(predictions[i]) / n;
      mean_y += output.labels[i] / n;
    }
    double xx = 0, yy = 0, xy = 0;
    for (int64_t i = 0; i < output.cells(); ++i) {
      const double x = double(predictions[i]) - mean_x, y = output.labels[i] - mean_y;
      xx += x * x, yy += y * y, xy += x * y;
    }
    return xy / std::sqrt(xx * yy);
  });
}

}  // namespace

Measure accuracy() {
  return per_output([](const MeasuredOutput& output, Sums& sums) {
    for_each_class(output, class_of, [&](int64_t label, int64_t predicted) {
      sums.sum += label == predicted ? 1 : 0;
      ++sums.count;
    });
  });
}

Measure top_k(int64_t k) {
  return per_cell(
      "Accuracy of the top k", [k](int64_t label, int64_t classes, Sums& sums, auto&& number) {
        ++sums.count;
        if (label < 0 || label >= classes) return;
        const double own = number(label);
        int64_t larger = 0;  // of equal ones the last come first, as from a stable sort
        for (int64_t c = 0; c < classes; ++c) {
          const double other = number(c);
          larger += is_larger(other, own) || (c > label && !is_larger(own, other)) ? 1 : 0;
        }
        sums.sum += larger < k ? 1 : 0;
      });
}

Measure cross_entropy(double epsilon) {
  return per_cell(
      "Cross-entropy", [epsilon](int64_t label, int64_t classes, Sums& sums, auto&& number) {
        if (label < -classes || label >= classes) {
          throw OutOfRange(concat("Cross-entropy is given the label ", label,
                                  "; the predictions have the classes 0 to ", classes - 1, "."));
        }
        sums.sum -= std::log(number(label < 0 ? label + classes : label) + epsilon);
        ++sums.count;
      });
}

Measure perplexity(std::optional<int64_t> ignored) {
  return per_cell(
      "Perplexity", [ignored](int64_t label, int64_t classes, Sums& sums, auto&& number) {
        if (label == ignored) return;
        sums.sum -= std::log(std::max(1e-10, number(std::clamp<int64_t>(label, 0, classes - 1))));
        ++sums.count;
      });
}

Measure absolute_error() {
  return once_per_output([](const MeasuredOutput& output) {
    return mean_difference(output, [](double d) { return std::abs(d); });
  });
}

Measure squared_error() { return once_per_output(mean_square); }

Measure root_squared_error() {
  return once_per_output(
      [](const MeasuredOutput& output) { return std::sqrt(mean_square(output)); });
}

Measure total() {
  return per_output([](const MeasuredOutput& output, Sums& sums) {
    output.visit([&](const auto* predictions) {
      for (int64_t i = 0; i < output.cells(); ++i) sums.sum += double(predictions[i]);
    });
    sums.count += output.cells();
  });
}

Measure correlation() { return once_per_output(correlation_of); }

double f1_score(std::span<const double> counts) {
  const double hits = counts[0], false_alarms = counts[1], misses = counts[3];
  const double precision = hits + false_alarms > 0 ? hits / (hits + false_alarms) : 0;
  const double recall = hits + misses > 0 ? hits / (hits + misses) : 0;
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
}

double matthews_score(std::span<const double> counts) {
  const double hits = counts[0], false_alarms = counts[1], rejections = counts[2],
               misses = counts[3];
  if (hits + false_alarms + rejections + misses == 0) return 0;
  double spread = 1;
  for (double term :
       {hits + false_alarms, hits + misses, rejections + false_alarms, rejections + misses}) {
    if (term != 0) spread *= term;
  }
  return (hits * rejections - false_alarms * misses) / std::sqrt(spread);
}

Measure two_classes(TwoClassScore score) {
  return [score](std::span<const MeasuredOutput> outputs, Sums& sums) {
    std::array<double, 4> counts = {};
    count_two_classes(outputs, counts);
    sums.sum += score(counts);
    ++sums.count;
  };
}

Measure two_class_counts() {
  return [](std::span<const MeasuredOutput> outputs, Sums& sums) {
    sums.table.resize(4);
    count_two_classes(outputs, sums.table);
  };
}

Measure confusion() {
  return [](std::span<const MeasuredOutput> outputs, Sums& sums) {
    ++sums.count;
    for (const MeasuredOutput& output : outputs) {
      std::vector<std::pair<int64_t, int64_t>> cells;  // predicted, label
      int64_t most = 0;
      for_each_class(output, class_of, [&](int64_t label, int64_t predicted) {
        if (label < 0 || predicted < 0) {
          throw OutOfRange(concat("A confusion matrix is given the label ", label,
                                  " and the prediction ", predicted, "; classes begin at 0."));
        }
        cells.emplace_back(predicted, label);
        most = std::max({most, label, predicted});
      });
      if (most >= most_classes) {
        throw OutOfRange(concat("A confusion matrix is given the class ", most, "; it has at most ",
                                most_classes, " classes."));
      }
      const auto old_size = int64_t(std::llround(std::sqrt(double(sums.table.size()))));
      const int64_t size = std::max(old_size, most + 1);
      if (size > old_size) {
        std::vector<double> grown(static_cast<size_t>(size * size));
        for (int64_t i = 0; i < old_size * old_size; ++i) {
          grown[size_t(i / old_size * size + i % old_size)] = sums.table[size_t(i)];
        }
        sums.table = std::move(grown);
      }
      for (const auto& [predicted, label] : cells) ++sums.table[size_t(predicted * size + label)];
    }
  };
}

}  // namespace measure
}  // namespace treadle
