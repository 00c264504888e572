#include "treadle/device/guarded_memory.h"

#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <new>

#include "treadle/core/error.h"

namespace treadle::detail {

GuardedMemory::GuardedMemory(Device device, size_t bytes)
    : device_(device), bytes_((bytes + 4095) / 4096 * 4096) {
  constexpr int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  void* const mapped = mmap(nullptr, 2 * bytes_, PROT_NONE, flags, -1, 0);
  if (mapped == MAP_FAILED ||
      mprotect(static_cast<char*>(mapped) + bytes_, bytes_, PROT_READ | PROT_WRITE) != 0) {
    throw Error(device, ": ", bytes, " bytes of addresses for an emulated device cannot be had (",
                std::strerror(errno), "); set TREADLE_EMULATED_MIB to less.");
  }
  base_ = static_cast<char*>(mapped);
  gaps_[0] = bytes_;
}

GuardedMemory::~GuardedMemory() { munmap(base_, 2 * bytes_); }

void* GuardedMemory::allocate(size_t bytes) {
  bytes = (bytes + 63) / 64 * 64;
  std::lock_guard lock(mutex_);
  for (auto gap = gaps_.begin(); gap != gaps_.end(); ++gap) {
    const auto [offset, size] = *gap;
    if (size < bytes) continue;
    if (size > bytes) gaps_.emplace_hint(std::next(gap), offset + bytes, size - bytes);
    gaps_.erase(gap);
    return base_ + offset;
  }
  return nullptr;
}

void GuardedMemory::free(void* data, size_t bytes) noexcept {
  bytes = (bytes + 63) / 64 * 64;
  size_t offset = size_t(static_cast<char*>(data) - base_);
  std::lock_guard lock(mutex_);
  auto after = gaps_.lower_bound(offset);
  if (after != gaps_.end() && after->first == offset + bytes) {
    bytes += after->second;
    after = gaps_.erase(after);
  }
  if (after != gaps_.begin()) {
    const auto before = std::prev(after);
    if (before->first + before->second == offset) {
      before->second += bytes;
      return;
    }
  }
  try {
    gaps_.emplace_hint(after, offset, bytes);
  } catch (const std::bad_alloc&) {
    // No room for the note that it is free: these addresses are lost.
  }
}

void* GuardedMemory::view(void* data, size_t bytes) const {
  if (data == nullptr && bytes == 0) return nullptr;
  const auto* const at = static_cast<char*>(data);
  TREADLE_INVARIANT(at >= base_ && at <= base_ + bytes_ && bytes <= size_t(base_ + bytes_ - at),
                    "an address is used as memory of ", device_, " that is not");
  return static_cast<char*>(data) + bytes_;
}

}  // namespace treadle::detail
