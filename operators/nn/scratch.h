// Pieces of a kernel's scratch memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace treadle {

// Adds up what a kernel needs and says where each piece lies; made once when the kernel is
// prepared, and again, the same, by a run that has only its arrays.
class ScratchPlan {
 public:
  // Bytes from the start of the scratch memory to a new piece of `count` values of T.
  template <class T>
  size_t add(int64_t count) {
    return add_bytes(size_t(count) * sizeof(T));
  }
  size_t add_bytes(size_t bytes) {
    const size_t offset = bytes_;
    bytes_ += (bytes + 63) / 64 * 64;
    return offset;
  }
  size_t bytes() const { return bytes_; }

 private:
  size_t bytes_ = 0;
};

template <class T>
T* piece_of(void* scratch, size_t offset) {
  return reinterpret_cast<T*>(static_cast<char*>(scratch) + offset);
}

}  // namespace treadle
