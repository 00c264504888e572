// Copying runs of elements that may be short: a call of memcpy costs more than a few of them.
#pragma once

#include <cstddef>
#include <cstring>

namespace treadle {

// `bytes` from `from` to `to`, which do not overlap.
inline void copy_run(void* to, const void* from, size_t bytes) {
  char* const y = static_cast<char*>(to);
  const char* const x = static_cast<const char*>(from);
  // Pieces of a constant size become single moves; the last one may overlap the one before.
  if (bytes > 128) {
    std::memcpy(y, x, bytes);
  } else if (bytes >= 16) {
    for (size_t i = 0; i + 16 < bytes; i += 16) std::memcpy(y + i, x + i, 16);
    std::memcpy(y + bytes - 16, x + bytes - 16, 16);
  } else if (bytes >= 8) {
    std::memcpy(y, x, 8);
    std::memcpy(y + bytes - 8, x + bytes - 8, 8);
  } else if (bytes >= 4) {
    std::memcpy(y, x, 4);
    std::memcpy(y + bytes - 4, x + bytes - 4, 4);
  } else {
    for (size_t i = 0; i < bytes; ++i) y[i] = x[i];
  }
}

}  // namespace treadle
