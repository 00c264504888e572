// Batches out of arrays in memory.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "treadle/io/data_iterator.h"

namespace treadle {

// Queued: a new array of the rows `indices` of `source`. Throws Error for a row that is not there.
Array gather_rows(const Array& source, std::vector<int64_t> indices);

// What becomes of the examples that do not fill the last batch of an epoch.
enum class LastBatch {
  pad,        // the batch is filled up with the epoch's first examples; `padding` counts them
  discard,    // they are left out of this epoch
  roll_over,  // they come first in the next epoch
};

struct ArrayIteratorOptions {
  int64_t batch_size = 1;
  // A new order each epoch. The order of epoch e (from 0) is random_permutation(n, {seed, e}).
  bool shuffle = false;
  uint64_t seed = 0;
  LastBatch last_batch = LastBatch::pad;
};

// Arrays by the name of the argument they feed, in the caller's order.
using NamedArrays = std::vector<std::pair<std::string, Array>>;

// MXNet's NDArrayIter: the first axis of every array counts the examples, equally many in each.
// Batches are gathered by tasks of the engine, so `next` returns at once.
//
//   ArrayIterator train({{"data", images}}, {{"softmax_label", digits}},
//                       {.batch_size = 64, .shuffle = true});
class ArrayIterator final : public DataIterator {
 public:
  // Throws Error when there is no data, when the arrays differ in their number of examples, and
  // when a batch would hold more examples than there are.
  ArrayIterator(NamedArrays data, NamedArrays labels, const ArrayIteratorOptions& options);

  const std::vector<DataDesc>& provided_data() const override { return data_desc_; }
  const std::vector<DataDesc>& provided_labels() const override { return label_desc_; }
  int64_t batch_size() const override { return options_.batch_size; }
  int64_t num_batches() const override;
  int64_t num_examples() const { return num_examples_; }

  void reset() override;
  std::optional<DataBatch> next() override;

 private:
  void begin_epoch();

  NamedArrays data_, labels_;
  std::vector<DataDesc> data_desc_, label_desc_;
  ArrayIteratorOptions options_;
  int64_t num_examples_ = 0;
  uint64_t epoch_ = 0;
  // The examples of this epoch in order: what was left of the last one, then the permutation.
  std::vector<int64_t> order_;
  int64_t position_ = 0;
};

}  // namespace treadle
