#include "treadle/io/array_iterator.h"

#include <algorithm>
#include <set>

#include "treadle/io/permutation.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Example i holds (10 i, 10 i + 1), its label is i.
ArrayIterator examples(int64_t count, const ArrayIteratorOptions& options) {
  std::vector<float> data, labels;
  for (int64_t i = 0; i < count; ++i) {
    data.insert(data.end(), {float(10 * i), float(10 * i + 1)});
    labels.push_back(float(i));
  }
  return ArrayIterator({{"data", Array::from(data, {count, 2})}},
                       {{"label", Array::from(labels, {count})}}, options);
}

struct Epoch {
  std::vector<std::vector<float>> batches;  // of labels
  std::vector<int64_t> padding;
};

Epoch read_epoch(ArrayIterator& iterator) {
  Epoch epoch;
  while (const auto batch = iterator.next()) {
    const auto labels = batch->labels[0].to_vector<float>();
    const auto data = batch->data[0].to_vector<float>();
    REQUIRE(batch->indices.size() == labels.size());
    for (size_t i = 0; i < labels.size(); ++i) {
      // Rows, labels and indices belong together.
      CHECK(data[2 * i] == 10 * labels[i]);
      CHECK(data[2 * i + 1] == 10 * labels[i] + 1);
      CHECK(float(batch->indices[i]) == labels[i]);
    }
    epoch.batches.push_back(labels);
    epoch.padding.push_back(batch->padding);
  }
  return epoch;
}

}  // namespace

TEST_CASE("an array iterator describes its batches", "[io]") {
  const ArrayIterator it = examples(7, {.batch_size = 3});
  REQUIRE(it.provided_data().size() == 1);
  CHECK(it.provided_data()[0].name == "data");
  CHECK(it.provided_data()[0].shape == Shape{3, 2});
  CHECK(it.provided_labels()[0].shape == Shape{3});
  CHECK(it.batch_size() == 3);
  CHECK(it.num_batches() == 3);
}

TEST_CASE("the last batch: pad, discard, roll over", "[io]") {
  using Batches = std::vector<std::vector<float>>;
  ArrayIterator pad = examples(7, {.batch_size = 3});
  for (int epoch = 0; epoch < 2; ++epoch) {
    const Epoch read = read_epoch(pad);
    CHECK(read.batches == Batches{{0, 1, 2}, {3, 4, 5}, {6, 0, 1}});
    CHECK(read.padding == std::vector<int64_t>{0, 0, 2});
    CHECK_FALSE(pad.next().has_value());
    pad.reset();
  }
  ArrayIterator discard = examples(7, {.batch_size = 3, .last_batch = LastBatch::discard});
  CHECK(discard.num_batches() == 2);
  CHECK(read_epoch(discard).batches == Batches{{0, 1, 2}, {3, 4, 5}});
  discard.reset();
  CHECK(read_epoch(discard).batches == Batches{{0, 1, 2}, {3, 4, 5}});

  ArrayIterator roll = examples(7, {.batch_size = 3, .last_batch = LastBatch::roll_over});
  CHECK(read_epoch(roll).batches == Batches{{0, 1, 2}, {3, 4, 5}});
  roll.reset();
  CHECK(roll.num_batches() == 2);
  CHECK(read_epoch(roll).batches == Batches{{6, 0, 1}, {2, 3, 4}});
  roll.reset();
  CHECK(roll.num_batches() == 3);
  CHECK(read_epoch(roll).batches == Batches{{5, 6, 0}, {1, 2, 3}, {4, 5, 6}});
}

TEST_CASE("reset in the middle starts anew, and at the start changes nothing", "[io]") {
  for (const LastBatch last : {LastBatch::pad, LastBatch::discard, LastBatch::roll_over}) {
    ArrayIterator it = examples(7, {.batch_size = 3, .last_batch = last});
    it.reset();
    it.next();
    it.reset();
    it.reset();
    CHECK(it.next()->labels[0].to_vector<float>() == std::vector<float>{0, 1, 2});
  }
}

TEST_CASE("shuffling visits every example once, in an order of seed and epoch", "[io][random]") {
  const ArrayIteratorOptions options = {
      .batch_size = 4, .shuffle = true, .seed = 3, .last_batch = LastBatch::discard};
  ArrayIterator it = examples(20, options), twin = examples(20, options);
  std::vector<std::vector<float>> last;
  for (uint64_t epoch = 0; epoch < 3; ++epoch) {
    const Epoch read = read_epoch(it);
    CHECK(read.batches == read_epoch(twin).batches);
    CHECK(read.batches != last);
    last = read.batches;
    std::vector<int64_t> order;
    for (const auto& batch : read.batches) order.insert(order.end(), batch.begin(), batch.end());
    CHECK(order == random_permutation(20, {3, epoch}));
    std::ranges::sort(order);
    for (int64_t i = 0; i < 20; ++i) CHECK(order[size_t(i)] == i);
    it.reset();
    twin.reset();
  }
}

TEST_CASE("a batch is the holder's: later batches do not change it", "[io]") {
  ArrayIterator it = examples(6, {.batch_size = 2});
  const auto first = it.next();
  while (it.next()) {
  }
  CHECK(first->labels[0].to_vector<float>() == std::vector<float>{0, 1});
}

TEST_CASE("an iterator without labels, and with types other than float", "[io]") {
  ArrayIterator it({{"ids", Array::from(std::vector<int32_t>{5, 6, 7}, {3})}}, {},
                   {.batch_size = 2});
  CHECK(it.provided_labels().empty());
  CHECK(it.provided_data()[0].type == DType::i32);
  it.next();
  CHECK(it.next()->data[0].to_vector<int32_t>() == std::vector<int32_t>{7, 5});
}

TEST_CASE("what an array iterator refuses, in sentences", "[io][errors]") {
  const Array three = Array::zeros({3, 2}), four = Array::zeros({4});
  require_error_matches([] { ArrayIterator({}, {}, {}); }, "no data array is given");
  require_error_matches([&] { ArrayIterator({{"data", three}}, {{"label", four}}, {}); },
                        {"'label' has 4 examples, expected 3 as in 'data'"});
  require_error_matches([&] { ArrayIterator({{"data", three}}, {}, {.batch_size = 4}); },
                        {"batch_size is 4, expected 1 to 3"});
  require_error_matches([&] { ArrayIterator({{"data", three}}, {}, {.batch_size = 0}); },
                        "batch_size is 0");
  require_error_matches([&] { ArrayIterator({{"data", Array()}}, {}, {}); },
                        "'data' holds no examples");
  require_error_matches([&] { ArrayIterator({{"data", Array::zeros({0, 2})}}, {}, {}); },
                        "'data' holds no examples");
}

TEST_CASE("permutations are permutations, fixed for ever", "[io][random]") {
  CHECK(random_permutation(0, {1, 2}).empty());
  CHECK(random_permutation(1, {1, 2}) == std::vector<int64_t>{0});
  // Split and order of the demo rest on these numbers.
  CHECK(random_permutation(8, {1998, 0}) == std::vector<int64_t>{5, 6, 1, 0, 2, 7, 4, 3});
  std::set<std::vector<int64_t>> seen;
  for (uint64_t seed = 0; seed < 300; ++seed) seen.insert(random_permutation(4, {seed, 0}));
  CHECK(seen.size() == 24);  // every order occurs
}
