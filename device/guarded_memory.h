// Memory of an emulated device: addresses that host code may hold but not touch. Internal to
// device/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>

#include "treadle/core/device.h"
#include "treadle/device/fork.h"

namespace treadle::detail {

// Two ranges of addresses of equal size. The first one, which is handed out, is never readable nor
// writable, to no thread and at no time; kernels on streams find the bytes at the same place of the
// second one. (Opening one range while a stream works would open it to all threads then, and the
// keys of some processors that act per thread are not there on others.)
class GuardedMemory : ForkAware {
 public:
  // Throws Error when the addresses cannot be had.
  GuardedMemory(Device device, size_t bytes);
  ~GuardedMemory() override;

  // `bytes` at a multiple of 64; null when there is no room.
  void* allocate(size_t bytes);
  void free(void* data, size_t bytes) noexcept;
  // Throws InternalError when [data, data + bytes) is not inside.
  void* view(void* data, size_t bytes) const;

 private:
  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_parent() noexcept override { mutex_.unlock(); }
  void after_fork_child() noexcept override { mutex_.unlock(); }

  const Device device_;
  const size_t bytes_;
  char* base_ = nullptr;
  std::mutex mutex_;
  std::map<size_t, size_t> gaps_;  // size by offset; no two touch
};

}  // namespace treadle::detail
