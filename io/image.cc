#include "treadle/io/image.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "treadle/core/error.h"
#include "treadle/device/pool.h"
#include "treadle/engine/engine.h"
#include "treadle/tensor/convert.h"

namespace treadle {
namespace {

// What MXNet puts before an image: a count of labels, one label, two numbers of the record.
struct RecordHeader {
  uint32_t num_labels;
  float label;
  uint64_t id[2];
};
static_assert(sizeof(RecordHeader) == 24);

struct Record {
  std::vector<float> labels;
  std::string_view image;
};

Record unpack(std::string_view bytes) {
  RecordHeader header;
  if (bytes.size() < sizeof header) {
    throw Error("it has ", bytes.size(), " bytes, fewer than its header of ", sizeof header);
  }
  std::memcpy(&header, bytes.data(), sizeof header);
  bytes.remove_prefix(sizeof header);
  if (header.num_labels == 0) return {{header.label}, bytes};
  if (header.num_labels > bytes.size() / sizeof(float)) {
    throw Error("it says that it has ", header.num_labels, " labels, but has ", bytes.size(),
                " bytes after its header");
  }
  Record record;
  record.labels.resize(header.num_labels);
  std::memcpy(record.labels.data(), bytes.data(), header.num_labels * sizeof(float));
  record.image = bytes.substr(header.num_labels * sizeof(float));
  return record;
}

// Brings the shorter side to `resize`, and an image that is too small to what is cut out of it.
Image fit(Image image, const ImageBatchOptions& options) {
  double factor = 1;
  if (options.resize > 0) factor = double(options.resize) / std::min(image.height, image.width);
  factor = std::max(
      {factor, double(options.height) / image.height, double(options.width) / image.width});
  const auto side = [&](int length, int least) {
    return std::max(int(std::lround(length * factor)), least);
  };
  const int height = factor == 1 ? image.height : side(image.height, options.height);
  const int width = factor == 1 ? image.width : side(image.width, options.width);
  if (height == image.height && width == image.width) return image;
  return resize_image(image, height, width);
}

int begin_of(float share, int left) {
  return share < 0 ? left / 2 : std::min(left, int(share * float(left + 1)));
}

// One image as planes of numbers, at its place of the batch.
void place(const Image& image, const ImagePlacement& where, const ImageBatchOptions& options,
           const float* mean_image, float* planes) {
  const int top = begin_of(where.y, image.height - options.height);
  const int left = begin_of(where.x, image.width - options.width);
  for (int c = 0; c < options.channels; ++c) {
    const float mean = options.mean[size_t(c)], scale = options.scale[size_t(c)];
    for (int y = 0; y < options.height; ++y) {
      const uint8_t* row =
          image.pixels.data() + size_t(top + y) * image.row_bytes() + size_t(left * image.channels);
      for (int x = 0; x < options.width; ++x) {
        const int from = where.is_mirrored ? options.width - 1 - x : x;
        const float pixel = row[from * image.channels + c];
        const size_t at =
            (size_t(c) * size_t(options.height) + size_t(y)) * size_t(options.width) + size_t(x);
        planes[at] = (pixel - (mean_image ? mean_image[at] : mean)) * scale;
      }
    }
  }
}

// The task of one batch.
struct Decoding {
  std::vector<std::string> records;
  std::vector<ImagePlacement> placements;
  ImageBatchOptions options;
  ImageBatch batch;

  void run(Pool& pool) const {
    const size_t size = size_t(options.channels) * size_t(options.height) * size_t(options.width);
    const auto* mean = static_cast<const float*>(
        options.mean_image.is_valid() ? options.mean_image.data() : nullptr);
    pool.parallel_for(0, int64_t(records.size()), 1, [&](int64_t begin, int64_t end) {
      std::vector<float> planes(size);
      for (int64_t i = begin; i < end; ++i) {
        try {
          decode(size_t(i), mean, planes);
        } catch (const Error& error) {
          throw Error("Record ", i, " of the batch cannot be read: ", error.what());
        }
      }
    });
  }

  void decode(size_t i, const float* mean, std::vector<float>& planes) const {
    const Record record = unpack(records[i]);
    if (int(record.labels.size()) < options.label_width) {
      throw Error("it has ", record.labels.size(), " labels; label_width is ", options.label_width,
                  ".");
    }
    std::memcpy(static_cast<float*>(batch.labels.data()) + i * size_t(options.label_width),
                record.labels.data(), size_t(options.label_width) * sizeof(float));
    const Image image = fit(decode_image(record.image, options.channels), options);
    place(image, placements[i], options, mean, planes.data());
    const size_t bytes = planes.size() * size_of(options.type);
    convert(planes.data(), DType::f32, static_cast<char*>(batch.data.data()) + i * bytes,
            options.type, int64_t(planes.size()));
  }
};

}  // namespace

Image resize_image(const Image& image, int height, int width, bool is_linear) {
  if (height < 1 || width < 1 || int64_t(height) * width > (int64_t(1) << 28)) {
    throw Error("An image is brought to ", height, " x ", width,
                " pixels; at least 1 and at most 2^28 are possible.");
  }
  Image made{height, width, image.channels, {}};
  made.pixels.resize(made.row_bytes() * size_t(height));
  const float y_step = float(image.height) / float(height);
  const float x_step = float(image.width) / float(width);
  const auto locate = [&](int i, float step, int extent, int& low, int& high) {
    // Centres of pixels are mapped to each other.
    const float at = std::clamp((float(i) + 0.5f) * step - 0.5f, 0.0f, float(extent - 1));
    low = int(is_linear ? at : std::min(float(i) * step, float(extent - 1)));
    high = is_linear ? std::min(low + 1, extent - 1) : low;
    return is_linear ? at - float(low) : 0.0f;
  };
  const auto pixel = [&](int y, int x, int c) {
    return float(image.pixels[size_t(y) * image.row_bytes() + size_t(x * image.channels + c)]);
  };
  for (int y = 0; y < height; ++y) {
    int y0 = 0, y1 = 0;
    const float wy = locate(y, y_step, image.height, y0, y1);
    for (int x = 0; x < width; ++x) {
      int x0 = 0, x1 = 0;
      const float wx = locate(x, x_step, image.width, x0, x1);
      for (int c = 0; c < image.channels; ++c) {
        const float top = pixel(y0, x0, c) * (1 - wx) + pixel(y0, x1, c) * wx;
        const float bottom = pixel(y1, x0, c) * (1 - wx) + pixel(y1, x1, c) * wx;
        made.pixels[size_t(y) * made.row_bytes() + size_t(x * made.channels + c)] =
            uint8_t(std::lround(top * (1 - wy) + bottom * wy));
      }
    }
  }
  return made;
}

ImageBatch decode_records(std::vector<std::string> records, std::vector<ImagePlacement> placements,
                          const ImageBatchOptions& options) {
  const auto count = int64_t(records.size());
  if (placements.size() != records.size()) {
    throw Error(placements.size(), " placements are given for ", count, " records.");
  }
  const Shape shape = {options.channels, options.height, options.width};
  if (options.mean_image.is_valid() && !(options.mean_image.shape() == shape)) {
    throw Error("The mean image has shape ", options.mean_image.shape(), ", expected ", shape, ".");
  }
  auto work = std::make_shared<Decoding>();
  work->records = std::move(records);
  work->placements = std::move(placements);
  work->options = options;
  work->batch.data =
      Array::empty({count, options.channels, options.height, options.width}, options.type);
  work->batch.labels = Array::empty({count, options.label_width});
  std::vector<Variable> reads;
  if (options.mean_image.is_valid()) reads.push_back(options.mean_image.variable());
  const Variable writes[] = {work->batch.data.variable(), work->batch.labels.variable()};
  const ImageBatch batch = work->batch;
  const std::shared_ptr<Engine> engine = batch.data.engine();
  Pool* const pool = engine->pool().get();
  engine->push([work = std::move(work), pool] { work->run(*pool); }, reads, writes,
               {.op = "decode images"});
  return batch;
}

}  // namespace treadle
