// The two formats, by libjpeg and libpng.
#include <csetjmp>
#include <cstdio>
#include <cstring>

// After cstdio, which jpeglib.h needs.
#include <jpeglib.h>
#include <png.h>

#include "treadle/core/error.h"
#include "treadle/io/image.h"

namespace treadle {
namespace {

constexpr int64_t max_pixels = int64_t(1) << 28;

void check_size(int64_t height, int64_t width) {
  if (height > 0 && width > 0 && height * width <= max_pixels) return;
  throw Error("An image says that it has ", height, " x ", width, " pixels; at most ", max_pixels,
              " are read.");
}

// libjpeg reports errors by a jump out of its functions.
struct JpegErrors {
  jpeg_error_mgr manager;
  jmp_buf jump;
  char text[JMSG_LENGTH_MAX] = {};

  JpegErrors() {
    jpeg_std_error(&manager);
    manager.error_exit = [](j_common_ptr info) {
      auto* self = reinterpret_cast<JpegErrors*>(info->err);
      info->err->format_message(info, self->text);
      longjmp(self->jump, 1);
    };
    manager.output_message = [](j_common_ptr) {};  // warnings: the image is shown as it is
  }
};

// The part between setjmp and a jump: nothing with a destructor lives here. `image` has its size
// when it is true, `text` says why when it is false.
bool read_jpeg_header(jpeg_decompress_struct& info, JpegErrors& errors, std::string_view bytes) {
  if (setjmp(errors.jump) != 0) return false;
  jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_read_header(&info, TRUE);
  return true;
}
bool read_jpeg_rows(jpeg_decompress_struct& info, JpegErrors& errors, uint8_t* pixels,
                    size_t row_bytes) {
  if (setjmp(errors.jump) != 0) return false;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height) {
    JSAMPROW row = pixels + row_bytes * info.output_scanline;
    jpeg_read_scanlines(&info, &row, 1);
  }
  jpeg_finish_decompress(&info);
  return true;
}

Image decode_jpeg(std::string_view bytes, int channels) {
  JpegErrors errors;
  jpeg_decompress_struct info = {};
  info.err = &errors.manager;
  struct Closer {
    jpeg_decompress_struct* info;
    ~Closer() { jpeg_destroy_decompress(info); }
  };
  jpeg_create_decompress(&info);
  const Closer closer{&info};
  const auto fail = [&] { throw Error("A JPEG image cannot be read: ", errors.text, "."); };
  if (!read_jpeg_header(info, errors, bytes)) fail();
  check_size(info.image_height, info.image_width);
  const int read_channels = channels == 1 ? 1 : 3;
  info.out_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  Image image{int(info.image_height), int(info.image_width), read_channels, {}};
  image.pixels.resize(image.row_bytes() * size_t(image.height));
  if (!read_jpeg_rows(info, errors, image.pixels.data(), image.row_bytes())) fail();
  if (channels != 4) return image;
  Image opaque{image.height, image.width, 4, {}};
  opaque.pixels.resize(opaque.row_bytes() * size_t(opaque.height), 255);
  for (size_t i = 0; i < size_t(image.height) * size_t(image.width); ++i) {
    std::memcpy(&opaque.pixels[4 * i], &image.pixels[3 * i], 3);
  }
  return opaque;
}

int png_format(int channels) {
  return channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
}

Image decode_png(std::string_view bytes, int channels) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  struct Closer {
    png_image* png;
    ~Closer() { png_image_free(png); }
  };
  const Closer closer{&png};
  const auto fail = [&] { throw Error("A PNG image cannot be read: ", png.message, "."); };
  if (!png_image_begin_read_from_memory(&png, bytes.data(), bytes.size())) fail();
  check_size(png.height, png.width);
  png.format = png_uint_32(png_format(channels));
  Image image{int(png.height), int(png.width), channels, {}};
  image.pixels.resize(image.row_bytes() * size_t(image.height));
  const png_color black = {};
  if (!png_image_finish_read(&png, &black, image.pixels.data(), png_int_32(image.row_bytes()),
                             nullptr)) {
    fail();
  }
  return image;
}

void check_channels(int channels, int most) {
  if (channels == 1 || channels == 3 || (channels == 4 && most == 4)) return;
  throw Error("An image with ", channels, " channels is asked for; 1, 3", most == 4 ? " or 4" : "",
              " are possible.");
}

bool write_jpeg(jpeg_compress_struct& info, JpegErrors& errors, const Image& image, int quality,
                unsigned char** memory, unsigned long* bytes) {
  if (setjmp(errors.jump) != 0) return false;
  jpeg_mem_dest(&info, memory, bytes);
  info.image_width = JDIMENSION(image.width);
  info.image_height = JDIMENSION(image.height);
  info.input_components = image.channels;
  info.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  jpeg_start_compress(&info, TRUE);
  while (info.next_scanline < info.image_height) {
    auto* row = const_cast<JSAMPROW>(image.pixels.data() + image.row_bytes() * info.next_scanline);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  return true;
}

}  // namespace

Image decode_image(std::string_view bytes, int channels) {
  check_channels(channels, 4);
  if (bytes.starts_with("\xff\xd8")) return decode_jpeg(bytes, channels);
  if (bytes.starts_with("\x89PNG")) return decode_png(bytes, channels);
  throw Error("An image of ", bytes.size(), " bytes is neither a JPEG nor a PNG file.");
}

std::string encode_jpeg(const Image& image, int quality) {
  check_channels(image.channels, 3);
  if (quality < 1 || quality > 100) {
    throw Error("The quality of a JPEG image is ", quality, "; 1 to 100 is expected.");
  }
  check_size(image.height, image.width);
  JpegErrors errors;
  jpeg_compress_struct info = {};
  info.err = &errors.manager;
  unsigned char* memory = nullptr;
  unsigned long bytes = 0;
  jpeg_create_compress(&info);
  const bool is_written = write_jpeg(info, errors, image, quality, &memory, &bytes);
  jpeg_destroy_compress(&info);
  std::string file(reinterpret_cast<char*>(memory), is_written ? bytes : 0);
  std::free(memory);
  if (!is_written) throw Error("A JPEG image cannot be written: ", errors.text, ".");
  return file;
}

std::string encode_png(const Image& image) {
  check_channels(image.channels, 4);
  check_size(image.height, image.width);
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = png_uint_32(image.width);
  png.height = png_uint_32(image.height);
  png.format = png_uint_32(png_format(image.channels));
  png_alloc_size_t bytes = 0;
  const auto row_bytes = png_int_32(image.row_bytes());
  std::string file;
  const auto write = [&](void* memory) {
    return png_image_write_to_memory(&png, memory, &bytes, 0, image.pixels.data(), row_bytes,
                                     nullptr);
  };
  if (write(nullptr)) {
    file.resize(bytes);
    if (write(file.data())) return file;
  }
  throw Error("A PNG image cannot be written: ", png.message, ".");
}

}  // namespace treadle
