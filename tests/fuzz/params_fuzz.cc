// Any bytes are a list of arrays, or an Error says why not. What is read can be written, and comes
// back as the same bytes.
#include <cstdlib>

#include "treadle/core/error.h"
#include "treadle/core/log.h"
#include "treadle/serialization/array_file.h"

using namespace treadle;

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  set_log_sink([](std::string_view) {});  // warnings would fill the disk
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    const Array array = array_from_bytes(bytes, "fuzz");
    if (array_to_bytes(array_from_bytes(array_to_bytes(array))) != array_to_bytes(array))
      std::abort();
  } catch (const Error&) {  // no single array; perhaps a list of them
  }
  ArrayFile file;
  try {
    file = arrays_from_bytes(bytes, "fuzz");
  } catch (const Error&) {
    return 0;
  }
  const std::string written = arrays_to_bytes(file.arrays, file.names);
  const ArrayFile again = arrays_from_bytes(written, "written");
  if (arrays_to_bytes(again.arrays, again.names) != written) std::abort();
  return 0;
}
