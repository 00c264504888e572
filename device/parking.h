// How threads wait: spin for a bounded time, since waking a sleeping thread costs as much as
// hundreds of small tasks, then sleep.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "treadle/core/function_ref.h"

namespace treadle {

// Sleeps until ready() is true, or until `at_most` has passed where it is not zero. Whoever makes
// it true calls unpark_all(key) afterwards. The key is only compared, so what it points to may be
// gone by the time of unpark_all.
void park(const void* key, FunctionRef<bool()> ready, std::chrono::microseconds at_most = {});

// Wakes every thread parked on `key` to look again. Cheap when there is none.
void unpark_all(const void* key) noexcept;

// A bounded spin: `while (spin.again()) if (ready()) ...`.
class Spin {
 public:
  // One short pause; false once the time is over.
  bool again() noexcept;
  void reset() noexcept { rounds_ = 0; }

 private:
  uint32_t rounds_ = 0;
  std::chrono::steady_clock::time_point start_;
};

// Tells the processor that this is a spin loop.
inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// For critical sections of a few instructions that never throw or call out. Gives its time slice
// away when the holder seems to be off the processor.
class SpinLock {
 public:
  void lock() noexcept {
    while (flag_.exchange(1, std::memory_order_acquire) != 0) wait();
  }
  // Partner of the acquire in lock().
  void unlock() noexcept { flag_.store(0, std::memory_order_release); }

 private:
  void wait() noexcept;
  std::atomic<uint32_t> flag_{0};
};

}  // namespace treadle
