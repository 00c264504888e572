// One array as MXNet's files hold it. Internal to serialization.
#pragma once

#include "treadle/serialization/stream.h"
#include "treadle/tensor/array.h"

namespace treadle {

// Waits for the array; rethrows an error that reached it.
void write_array(ByteSink& sink, const Array& array);

// Any of the four forms; `index` is the array's position in its list, for errors.
Array read_array(ByteSource& source, uint64_t index);

// The fewest bytes an array takes: the first word of an old "none".
inline constexpr uint64_t least_array_bytes = 4;

template <class T>
void write_number(ByteSink& sink, T value) {
  sink.write(&value, sizeof value);
}
template <class T>
T read_number(ByteSource& source, std::string_view what) {
  T value{};
  source.read(&value, sizeof value, what);
  return value;
}

}  // namespace treadle
