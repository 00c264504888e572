// Tally: the running sums of a measure, to which tasks of the engine add batches.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "treadle/tensor/array.h"
#include "treadle/training/measure.h"

namespace treadle {

// One output to be measured. `class_axis` is that of `predictions` which is left out in `labels`,
// counted from the last when negative; without it both have as many elements. Measures of
// predictions alone need no labels.
struct LabelledOutput {
  Array labels, predictions;
  std::optional<int> class_axis = {};
  int64_t padding = 0;  // so many of the last rows (of the first axis) do not count
};

// What was found in many batches. Each one's sum is kept for itself, so that it can be added to
// other sums in order, with the same bits whenever that is.
struct Findings {
  std::vector<double> sums;
  int64_t count = 0;
  std::vector<double> table;

  // `start` and all sums, one after the other.
  double onto(double start) const {
    for (double sum : sums) start += sum;
    return start;
  }
};

// One thread at a time may use it. Arrays may be on any device and of any type.
//
//   Tally tally(measure::accuracy());
//   tally.add({{labels, executor.outputs()[0], 1}});  // queued: reads them when they are ready
//   const Findings found = tally.take();              // waits
class Tally {
 public:
  explicit Tally(Measure measure, std::string name = "metric");

  // Queues the measuring of a batch, and waits where as many batches as `depth` are still to be
  // measured, so that what is queued does not grow with the data. Throws Error for shapes that do
  // not belong together, and what the measuring of an earlier batch threw.
  void add(const std::vector<LabelledOutput>& outputs);
  // What was found so far. Waits; throws what measuring threw, until reset.
  const Findings& read() const;
  // The same, and begins anew.
  Findings take();
  // Forgets all batches, those too that are still to be measured, and their errors.
  void reset();

  static constexpr int depth = 4;

 private:
  void renew(const std::shared_ptr<Engine>& engine);

  std::shared_ptr<const Measure> measure_;
  std::string name_;
  std::shared_ptr<Engine> engine_;  // of the arrays of the last batch
  std::shared_ptr<Findings> found_;
  Variable written_;       // by every task, so that sums are added in the order of batches
  Variable turns_[depth];  // by every depth-th, to wait for the batch that is so many back
  int next_ = 0;
};

}  // namespace treadle
