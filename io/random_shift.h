// Images that are moved a little, differently each time they are read.
#pragma once

#include <cstdint>

#include "treadle/io/data_iterator.h"

namespace treadle {

struct RandomShiftOptions {
  // Each image moves by a whole number of pixels, as likely from -pixels as to +pixels, both down
  // and to the right.
  int64_t pixels = 2;
  float fill = 0;  // what comes in at the border
  uint64_t seed = 0;
};

// The batches of another iterator, their images moved at random. How far an image moves depends on
// the seed, the epoch and its place in the epoch alone. Images are arrays of four axes (example,
// channel, row, column) of f32; data of other shapes and the labels pass through.
//
//   ArrayIterator digits({{"data", images}}, {{"softmax_label", labels}}, {.batch_size = 64});
//   RandomShift moved(digits, {.pixels = 2});
class RandomShift final : public DataIterator {
 public:
  // `source` must outlive this. Throws Error when nothing in it is an image, when `pixels` is
  // negative and when it is no smaller than an image.
  RandomShift(DataIterator& source, const RandomShiftOptions& options);

  const std::vector<DataDesc>& provided_data() const override { return source_.provided_data(); }
  const std::vector<DataDesc>& provided_labels() const override {
    return source_.provided_labels();
  }
  int64_t batch_size() const override { return source_.batch_size(); }
  int64_t num_batches() const override { return source_.num_batches(); }

  void reset() override;
  std::optional<DataBatch> next() override;

 private:
  DataIterator& source_;
  RandomShiftOptions options_;
  uint64_t epoch_ = 0;
  uint64_t position_ = 0;  // examples read in this epoch
};

}  // namespace treadle
