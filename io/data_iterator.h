// What training reads: batches of arrays, one epoch after the other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"
#include "treadle/tensor/array.h"

namespace treadle {

// An array of each batch: the name of the argument it feeds, its shape (the batch first) and type.
struct DataDesc {
  std::string name;
  Shape shape;
  DType type = DType::f32;
};

// One batch. The arrays belong to whoever holds the batch; the iterator does not write them again.
struct DataBatch {
  std::vector<Array> data;    // in the order of provided_data()
  std::vector<Array> labels;  // in the order of provided_labels()
  // The last `padding` rows only fill the batch up; results for them are to be ignored.
  int64_t padding = 0;
  // Which example each row is.
  std::vector<int64_t> indices;
};

// A source of batches. One thread at a time may use it.
class DataIterator {
 public:
  virtual ~DataIterator() = default;

  virtual const std::vector<DataDesc>& provided_data() const = 0;
  virtual const std::vector<DataDesc>& provided_labels() const = 0;
  virtual int64_t batch_size() const = 0;
  // Batches of an epoch, where it is known beforehand; 0 otherwise.
  virtual int64_t num_batches() const { return 0; }

  // Starts the next epoch. A new iterator stands at the start of its first.
  virtual void reset() = 0;
  // The next batch, or nothing at the end of the epoch.
  virtual std::optional<DataBatch> next() = 0;
};

}  // namespace treadle
