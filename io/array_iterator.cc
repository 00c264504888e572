#include "treadle/io/array_iterator.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "treadle/core/error.h"
#include "treadle/io/permutation.h"

namespace treadle {
namespace {

std::vector<DataDesc> describe(const NamedArrays& arrays, int64_t batch_size) {
  std::vector<DataDesc> made;
  for (const auto& [name, array] : arrays) {
    Shape shape = array.shape();
    shape[0] = batch_size;
    made.push_back({name, std::move(shape), array.type()});
  }
  return made;
}

}  // namespace

Array gather_rows(const Array& source, std::vector<int64_t> indices) {
  for (const int64_t index : indices) {
    if (index < 0 || index >= source.shape()[0]) {
      throw Error("Row ", index, " is gathered from an array of shape ", source.shape(), ".");
    }
  }
  std::vector<int64_t> dims(source.shape().begin(), source.shape().end());
  dims[0] = int64_t(indices.size());
  Array rows = Array::empty(Shape(std::span<const int64_t>(dims)), source.type(), source.device());
  const size_t row_bytes = source.bytes() / size_t(source.shape()[0]);
  const Variable reads[] = {source.variable()}, writes[] = {rows.variable()};
  source.engine()->push(
      [source, rows, row_bytes, indices = std::move(indices)] {
        const char* from = static_cast<const char*>(source.data());
        char* to = static_cast<char*>(rows.data());
        for (const int64_t index : indices) {
          std::memcpy(to, from + size_t(index) * row_bytes, row_bytes);
          to += row_bytes;
        }
      },
      reads, writes, {.op = "ArrayIterator", .device = source.device()});
  return rows;
}

ArrayIterator::ArrayIterator(NamedArrays data, NamedArrays labels,
                             const ArrayIteratorOptions& options)
    : data_(std::move(data)), labels_(std::move(labels)), options_(options) {
  if (data_.empty()) throw Error("ArrayIterator: no data array is given; at least one is needed.");
  const auto check = [&](const NamedArrays& arrays) {
    for (const auto& [name, array] : arrays) {
      if (!array.is_valid() || array.shape().empty() || array.elements() == 0) {
        throw Error("ArrayIterator: '", name,
                    "' holds no examples; give an array whose first axis counts them.");
      }
      if (num_examples_ == 0) num_examples_ = array.shape()[0];
      if (array.shape()[0] != num_examples_) {
        throw Error("ArrayIterator: '", name, "' has ", array.shape()[0], " examples, expected ",
                    num_examples_, " as in '", data_[0].first, "'.");
      }
    }
  };
  check(data_);
  check(labels_);
  if (options_.batch_size < 1 || options_.batch_size > num_examples_) {
    throw Error("ArrayIterator: batch_size is ", options_.batch_size, ", expected 1 to ",
                num_examples_, ", the number of examples.");
  }
  data_desc_ = describe(data_, options_.batch_size);
  label_desc_ = describe(labels_, options_.batch_size);
  begin_epoch();
}

void ArrayIterator::begin_epoch() {
  position_ = 0;
  const size_t old_end = order_.size();
  if (options_.shuffle) {
    const std::vector<int64_t> shuffled =
        random_permutation(num_examples_, {options_.seed, epoch_});
    order_.insert(order_.end(), shuffled.begin(), shuffled.end());
  } else {
    order_.resize(old_end + size_t(num_examples_));
    std::iota(order_.begin() + int64_t(old_end), order_.end(), int64_t(0));
  }
}

void ArrayIterator::reset() {
  if (position_ == 0) return;  // already at the start of an epoch that nobody has read from
  // Only what the end of the epoch left over rolls into the next; one that is given up half way
  // leaves nothing.
  const int64_t left = int64_t(order_.size()) - position_;
  if (options_.last_batch == LastBatch::roll_over && left < options_.batch_size) {
    order_.erase(order_.begin(), order_.begin() + position_);
  } else {
    order_.clear();
  }
  ++epoch_;
  begin_epoch();
}

int64_t ArrayIterator::num_batches() const {
  const int64_t examples = int64_t(order_.size());
  const int64_t whole = examples / options_.batch_size;
  return options_.last_batch == LastBatch::pad && examples % options_.batch_size != 0 ? whole + 1
                                                                                      : whole;
}

std::optional<DataBatch> ArrayIterator::next() {
  const int64_t left = int64_t(order_.size()) - position_;
  if (left <= 0) return std::nullopt;
  if (left < options_.batch_size && options_.last_batch != LastBatch::pad) return std::nullopt;
  DataBatch batch;
  const int64_t taken = std::min(left, options_.batch_size);
  batch.indices.assign(order_.begin() + position_, order_.begin() + position_ + taken);
  batch.padding = options_.batch_size - taken;
  batch.indices.insert(batch.indices.end(), order_.begin(), order_.begin() + batch.padding);
  position_ += taken;
  for (const auto& named : data_) batch.data.push_back(gather_rows(named.second, batch.indices));
  for (const auto& named : labels_)
    batch.labels.push_back(gather_rows(named.second, batch.indices));
  return batch;
}

}  // namespace treadle
