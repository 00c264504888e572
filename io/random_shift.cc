#include "treadle/io/random_shift.h"

#include <algorithm>

#include "treadle/core/error.h"
#include "treadle/operators/philox.h"

namespace treadle {
namespace {

bool is_image(const DataDesc& desc) { return desc.shape.ndim() == 4 && desc.type == DType::f32; }

// A whole number from -pixels to pixels.
int64_t draw_shift(uint32_t word, int64_t pixels) {
  return int64_t((uint64_t(word) * uint64_t(2 * pixels + 1)) >> 32) - pixels;
}

// to[y][x] = from[y - down][x - right], `fill` where that lies outside.
void move_plane(const float* from, float* to, int64_t height, int64_t width, int64_t down,
                int64_t right, float fill) {
  const int64_t first = std::max<int64_t>(right, 0), last = std::min(width, width + right);
  for (int64_t y = 0; y < height; ++y, to += width) {
    const int64_t row = y - down;
    if (row < 0 || row >= height) {
      std::fill(to, to + width, fill);
      continue;
    }
    const float* at = from + row * width;
    std::fill(to, to + first, fill);
    std::copy(at + first - right, at + last - right, to + first);
    std::fill(to + last, to + width, fill);
  }
}

// Queued: a new array of the images of `source`, each moved as the key says.
Array move_images(const Array& source, const RandomShiftOptions& options, RandomKey key,
                  uint64_t position) {
  Array moved = Array::empty(source.shape(), source.type(), source.device());
  const Variable reads[] = {source.variable()}, writes[] = {moved.variable()};
  source.engine()->push(
      [source, moved, options, key, position] {
        const int64_t channels = source.shape()[1];
        const int64_t height = source.shape()[2], width = source.shape()[3];
        const float* from = static_cast<const float*>(source.data());
        float* to = static_cast<float*>(moved.data());
        for (int64_t i = 0; i < source.shape()[0]; ++i) {
          const RandomBlock block = philox(key, position + uint64_t(i));
          const int64_t down = draw_shift(block.word[0], options.pixels);
          const int64_t right = draw_shift(block.word[1], options.pixels);
          for (int64_t c = 0; c < channels; ++c) {
            move_plane(from, to, height, width, down, right, options.fill);
            from += height * width;
            to += height * width;
          }
        }
      },
      reads, writes, {.op = "RandomShift", .device = source.device()});
  return moved;
}

}  // namespace

RandomShift::RandomShift(DataIterator& source, const RandomShiftOptions& options)
    : source_(source), options_(options) {
  if (options.pixels < 0) {
    throw Error("RandomShift: pixels is ", options.pixels, ", expected 0 or more.");
  }
  bool has_images = false;
  for (const DataDesc& desc : source.provided_data()) {
    if (!is_image(desc)) continue;
    has_images = true;
    const int64_t side = std::min(desc.shape[2], desc.shape[3]);
    if (options.pixels >= side) {
      throw Error("RandomShift: pixels is ", options.pixels, ", but the images of '", desc.name,
                  "' are ", desc.shape, "; expected less than ", side,
                  ", so that something of each is left.");
    }
  }
  if (!has_images) {
    throw Error(
        "RandomShift: the source has no images; expected an f32 array of four axes (example, "
        "channel, row, column) in its data.");
  }
}

void RandomShift::reset() {
  source_.reset();
  if (position_ != 0) ++epoch_;
  position_ = 0;
}

std::optional<DataBatch> RandomShift::next() {
  std::optional<DataBatch> batch = source_.next();
  if (!batch || options_.pixels == 0) return batch;
  const std::vector<DataDesc>& descs = source_.provided_data();
  for (size_t i = 0; i < descs.size(); ++i) {
    if (!is_image(descs[i])) continue;
    batch->data[i] = move_images(batch->data[i], options_, {options_.seed, epoch_}, position_);
  }
  position_ += uint64_t(source_.batch_size());
  return batch;
}

}  // namespace treadle
