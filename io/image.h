// Images: JPEG and PNG files to arrays and back, and batches of them for training.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/tensor/array.h"

namespace treadle {

// Rows of pixels, `channels` bytes each.
struct Image {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<uint8_t> pixels;

  size_t row_bytes() const { return size_t(width) * size_t(channels); }
};

// Reads a JPEG or PNG file: 1 channel is grey, 3 are red, green and blue, 4 have the opacity last
// (255 where the file has none). Throws Error for other formats, damaged files, and images of more
// than 2^28 pixels.
Image decode_image(std::string_view bytes, int channels);

// Files of images with 1 or 3 channels; PNG takes 4 too. `quality` is 1 to 100.
std::string encode_jpeg(const Image& image, int quality);
std::string encode_png(const Image& image);

// The image at another size, interpolated linearly between pixels, or by the nearest pixel.
Image resize_image(const Image& image, int height, int width, bool is_linear = true);

// How a record becomes a part of a batch.
struct ImageBatchOptions {
  int channels = 3, height = 0, width = 0;
  int label_width = 1;
  // The shorter side is brought to this length first; not if it is -1.
  int resize = -1;
  // Per channel: (pixel - mean) * scale.
  std::array<float, 4> mean = {};
  std::array<float, 4> scale = {1, 1, 1, 1};
  // Taken off instead of `mean` where it is given: float32, (channels, height, width).
  Array mean_image = {};
  DType type = DType::f32;
};
// Where each image is cut, as shares of what is left over in y and x (negative: the middle), and
// whether it is mirrored.
struct ImagePlacement {
  float y = -1, x = -1;
  bool is_mirrored = false;
};

struct ImageBatch {
  Array data;    // (records, channels, height, width)
  Array labels;  // (records, label_width), float32
};

// Queued: decodes records as MXNet packs them (a header of 24 bytes, labels, an image), in
// parallel. An error names the record.
ImageBatch decode_records(std::vector<std::string> records, std::vector<ImagePlacement> placements,
                          const ImageBatchOptions& options);

}  // namespace treadle
