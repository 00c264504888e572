#include "treadle/io/image.h"

#include <algorithm>

#include "treadle/bindings/python/module.h"
#include "treadle/core/error.h"

namespace treadle::python {
namespace {

void swap_colours(Image& image) {
  for (size_t i = 0; image.channels == 3 && i < image.pixels.size(); i += 3) {
    std::swap(image.pixels[i], image.pixels[i + 2]);
  }
}

Array to_array(const Image& image) {
  return Array::from(image.pixels, {image.height, image.width, image.channels});
}

Image from_array(const Array& array) {
  if (array.shape().ndim() != 3 || array.type() != DType::u8) {
    throw Error("An image is an array (height, width, channels) of uint8; one of shape ",
                array.shape(), " and type ", array.type(), " is given.");
  }
  return {int(array.shape()[0]), int(array.shape()[1]), int(array.shape()[2]),
          array.to_vector<uint8_t>()};
}

nb::tuple decode_batch(std::vector<std::string> records, const Shape& shape, int label_width,
                       int resize, const std::vector<float>& crops,
                       const std::vector<bool>& mirrored, const std::vector<float>& mean,
                       const std::vector<float>& scale, const std::optional<Array>& mean_image,
                       DType type) {
  ImageBatchOptions options{.channels = int(shape[0]),
                            .height = int(shape[1]),
                            .width = int(shape[2]),
                            .label_width = label_width,
                            .resize = resize,
                            .mean_image = mean_image.value_or(Array()),
                            .type = type};
  std::copy_n(mean.begin(), std::min<size_t>(4, mean.size()), options.mean.begin());
  std::copy_n(scale.begin(), std::min<size_t>(4, scale.size()), options.scale.begin());
  std::vector<ImagePlacement> placements;
  for (size_t i = 0; i < mirrored.size() && 2 * i + 1 < crops.size(); ++i) {
    placements.push_back({crops[2 * i], crops[2 * i + 1], mirrored[i]});
  }
  ImageBatch batch;
  {
    const nb::gil_scoped_release others_run;
    batch = decode_records(std::move(records), std::move(placements), options);
  }
  return nb::make_tuple(batch.data, batch.labels);
}

std::vector<std::string> contents(const nb::list& records) {
  std::vector<std::string> made;
  for (const nb::handle record : records) {
    const auto bytes = nb::cast<nb::bytes>(record);
    made.emplace_back(bytes.c_str(), bytes.size());
  }
  return made;
}

}  // namespace

void bind_image(nb::module_& module) {
  module.def("decode_image", [](const nb::bytes& bytes, int channels, bool is_rgb) {
    const std::string_view file(bytes.c_str(), bytes.size());
    const nb::gil_scoped_release others_run;
    Image image = decode_image(file, channels);
    if (!is_rgb) swap_colours(image);
    return to_array(image);
  });
  module.def("encode_image", [](const Array& array, bool is_png, int quality) {
    std::string file;
    {
      const nb::gil_scoped_release others_run;
      Image image = from_array(array);
      swap_colours(image);
      file = is_png ? encode_png(image) : encode_jpeg(image, quality);
    }
    return nb::bytes(file.data(), file.size());
  });
  module.def(
      "resize_image",
      [](const Array& array, int width, int height, bool is_linear) {
        return to_array(resize_image(from_array(array), height, width, is_linear));
      },
      ReleaseGil());
  module.def(
      "decode_images",
      [](const nb::list& records, const Shape& shape, int label_width, int resize,
         const std::vector<float>& crops, const std::vector<bool>& mirrored,
         const std::vector<float>& mean, const std::vector<float>& scale,
         const std::optional<Array>& mean_image, DType type) {
        return decode_batch(contents(records), shape, label_width, resize, crops, mirrored, mean,
                            scale, mean_image, type);
      },
      nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(), nb::arg(),
      nb::arg().none(), nb::arg());
}

}  // namespace treadle::python
