// A request to stop, from another thread or from a signal handler.
#pragma once

#include <atomic>

namespace treadle {

// Set once, read by whoever can stop early. Setting it is allowed in a signal handler.
class StopFlag {
 public:
  void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
  bool is_requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not take a lock");
  std::atomic<bool> requested_{false};
};

}  // namespace treadle
