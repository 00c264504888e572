// The caps on what is in flight. Internal.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

#include "treadle/device/parking.h"

namespace treadle::detail {

// Counts tasks and bytes that have been let in and have not left; touched only where there is a
// cap. Thread-safe.
class Admission {
 public:
  Admission(uint64_t most_tasks, uint64_t most_bytes)
      : most_tasks_(most_tasks), most_bytes_(most_bytes) {}

  bool has_caps() const noexcept { return most_tasks_ != 0 || most_bytes_ != 0; }

  // Lets them in if there is room; something larger than a cap is let in alone.
  bool try_enter(uint64_t tasks, uint64_t bytes) noexcept {
    const std::lock_guard guard(lock_);
    const bool fits = (most_tasks_ == 0 || tasks_ + tasks <= most_tasks_) &&
                      (most_bytes_ == 0 || bytes_ + bytes <= most_bytes_);
    if (!fits && tasks_ != 0) return false;
    add(tasks, bytes);
    return true;
  }
  // Lets them in beyond the caps.
  void enter(uint64_t tasks, uint64_t bytes) noexcept {
    const std::lock_guard guard(lock_);
    add(tasks, bytes);
  }
  // Wakes who waits for room.
  void leave(uint64_t tasks, uint64_t bytes) noexcept {
    {
      const std::lock_guard guard(lock_);
      tasks_ -= tasks;
      bytes_ -= bytes;
    }
    unpark_all(this);
  }
  // In a forked child: what is in flight is the parent's.
  void reset() noexcept {
    tasks_ = bytes_ = 0;
    lock_.unlock();
  }

 private:
  void add(uint64_t tasks, uint64_t bytes) noexcept {
    tasks_ += tasks;
    bytes_ += bytes;
  }

  const uint64_t most_tasks_, most_bytes_;  // 0: no cap
  SpinLock lock_;                           // guards what follows
  uint64_t tasks_ = 0;
  uint64_t bytes_ = 0;
};

}  // namespace treadle::detail
