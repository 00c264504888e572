#include "treadle/serialization/array_codec.h"

#include <algorithm>
#include <array>
#include <bit>

#include "treadle/core/error.h"

namespace treadle {
namespace {

static_assert(std::endian::native == std::endian::little, "files and memory have one byte order");

// The first word of an array. Before 0.11 there was none: the word was the number of dimensions.
constexpr uint32_t magic_v1 = 0xF993FAC8;  // 64-bit extents
constexpr uint32_t magic_v2 = 0xF993FAC9;  // storage types
constexpr uint32_t magic_v3 = 0xF993FACA;  // NumPy's shapes: scalars and empty arrays

// More than any array has (NumPy stops at 32); a larger number means damage.
constexpr uint32_t most_dims = 64;

struct Reader {
  ByteSource& source;
  uint64_t index;

  template <class T>
  T number(std::string_view what) {
    return read_number<T>(source, concat("array ", index, ": ", what));
  }
  template <class... Parts>
  [[noreturn]] void fail(uint64_t position, const Parts&... parts) const {
    source.fail(concat("array ", index, parts...), position);
  }

  template <class Extent>
  Shape shape(uint32_t ndim) {
    const uint64_t start = source.position();
    if (ndim > most_dims) {
      fail(start - 4, " has ", ndim, " dimensions; at most ", most_dims,
           " are expected: this is no array, or it is damaged.");
    }
    Shape read = Shape::filled(int(ndim), 0);
    for (int axis = 0; axis < read.ndim(); ++axis) {
      const uint64_t at = source.position();
      read[axis] = int64_t(number<Extent>("the extents"));
      if (read[axis] < 0)
        fail(at, ": extent ", axis, " is ", read[axis], "; at least 0 is expected.");
    }
    return read;
  }

  // Bytes of the values, once they are known to be there.
  size_t checked_bytes(const Shape& shape, DType type) {
    int64_t bytes = int64_t(size_of(type));
    for (int64_t extent : shape) {
      if (!__builtin_mul_overflow(bytes, extent, &bytes)) continue;
      fail(source.position(), " has shape ", shape, ", more elements than 63 bits can count.");
    }
    if (uint64_t(bytes) > source.left()) {
      fail(source.position(), " has shape ", shape, " and type ", type, ", ", bytes, " bytes; ",
           source.left(), " are left: the file is cut short or damaged.");
    }
    return size_t(bytes);
  }

  // Arrays of accelerators and of special host memory come to the plain CPU.
  Device device() {
    const uint64_t at = source.position();
    const auto kind = number<int32_t>("the device");
    const auto id = number<int32_t>("the device");
    constexpr std::array known = {DeviceKind::cpu, DeviceKind::gpu, DeviceKind::cpu_pinned,
                                  DeviceKind::cpu_shared};
    if (std::ranges::count(known, DeviceKind(kind)) == 0 || id < 0) {
      fail(at, " lies on device ", kind, ",", id, ", which there is none of: the file is damaged.");
    }
    return DeviceKind(kind) == DeviceKind::cpu ? cpu(id) : cpu();
  }

  // Device, type and values: the end of every form.
  Array tail(const Shape& shape) {
    const Device place = device();
    const uint64_t at = source.position();
    const auto flag = number<int32_t>("the type");
    if (!is_type_flag(flag)) {
      fail(at, " has type flag ", flag,
           ", which stands for no type: the file is damaged or newer.");
    }
    const DType type = DType(flag);
    const size_t bytes = checked_bytes(shape, type);
    Array array = Array::empty(shape, type, place);
    // Nobody else knows the array yet, so the values may be read straight into it.
    source.read(array.data(), bytes, "the values");
    if (type == DType::boolean) {
      // Any other byte in a bool is undefined behaviour in whoever reads it.
      auto* values = static_cast<unsigned char*>(array.data());
      std::transform(values, values + bytes, values, [](unsigned char v) { return v != 0; });
    }
    return array;
  }

  void dense() {
    const uint64_t at = source.position();
    const auto storage = number<int32_t>("the storage type");
    if (storage == 0) return;
    if (storage == 1 || storage == 2) {
      fail(at, " is sparse (", storage == 1 ? "row_sparse" : "csr",
           "), which cannot be read; save it dense, with tostype('default') in MXNet.");
    }
    fail(at, " has storage type ", storage, "; 0 (dense) is expected: the file is damaged.");
  }
};

}  // namespace

void write_array(ByteSink& sink, const Array& array) {
  if (!array.is_valid()) {
    write_number(sink, magic_v2);
    write_number(sink, int32_t(0));
    write_number(sink, uint32_t(0));
    return;
  }
  const Shape& shape = array.shape();
  // The plain form has no word for these two: no dimensions mean "none" there, and 0 "unknown".
  const bool needs_v3 = shape.empty() || std::ranges::count(shape.dims(), 0) > 0;
  write_number(sink, needs_v3 ? magic_v3 : magic_v2);
  write_number(sink, int32_t(0));  // dense
  write_number(sink, uint32_t(shape.ndim()));
  for (int64_t extent : shape) write_number(sink, extent);
  const Device device = array.device();
  const bool is_cpu = device.kind == DeviceKind::cpu;
  write_number(sink, int32_t(DeviceKind::cpu));
  write_number(sink, is_cpu ? device.id : 0);
  write_number(sink, int32_t(array.type()));
  const Array readable = is_cpu ? array : array.copy(cpu());
  readable.wait();
  sink.write(readable.data(), readable.bytes());
}

Array read_array(ByteSource& source, uint64_t index) {
  Reader reader{source, index};
  const auto first = reader.number<uint32_t>("the first word");
  switch (first) {
    case magic_v1: {
      const Shape shape =
          reader.shape<int64_t>(reader.number<uint32_t>("the number of dimensions"));
      return shape.empty() ? Array() : reader.tail(shape);
    }
    case magic_v2: {
      reader.dense();
      const Shape shape =
          reader.shape<int64_t>(reader.number<uint32_t>("the number of dimensions"));
      return shape.empty() ? Array() : reader.tail(shape);
    }
    case magic_v3: {
      reader.dense();
      const auto ndim = reader.number<int32_t>("the number of dimensions");
      return ndim == -1 ? Array() : reader.tail(reader.shape<int64_t>(uint32_t(ndim)));
    }
    default: {
      const Shape shape = reader.shape<uint32_t>(first);
      return shape.empty() ? Array() : reader.tail(shape);
    }
  }
}

}  // namespace treadle
