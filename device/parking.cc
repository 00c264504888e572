#include "treadle/device/parking.h"

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

#include "treadle/device/fork.h"

namespace treadle {
namespace {

// About the cost of one sleep and wake-up; spinning longer than that can only lose.
constexpr std::chrono::microseconds spin_time{30};

struct alignas(64) Bucket {
  // Threads in park(). Both sides touch it by read-modify-write, so either the waker sees the
  // sleeper, or the sleeper's check sees what the waker did before.
  std::atomic<uint32_t> sleepers{0};
  std::mutex mutex;
  std::condition_variable woken;
};

class Lot : ForkAware {
 public:
  Bucket& bucket(const void* key) {
    auto bits = reinterpret_cast<uintptr_t>(key);
    return buckets_[(bits >> 6 ^ bits >> 14) % buckets_.size()];
  }

 private:
  // Nobody sleeps in the child, and another thread may have held a mutex.
  void after_fork_child() noexcept override {
    for (Bucket& b : buckets_) ::new (&b) Bucket;
  }
  std::array<Bucket, 64> buckets_;
};

Lot& lot() {
  static Lot& instance = *new Lot;  // outlives every thread
  return instance;
}

}  // namespace

void park(const void* key, FunctionRef<bool()> ready, std::chrono::microseconds at_most) {
  Bucket& b = lot().bucket(key);
  std::unique_lock lock(b.mutex);
  b.sleepers.fetch_add(1, std::memory_order_acq_rel);
  const auto limit = std::chrono::steady_clock::now() + at_most;
  while (!ready()) {
    if (at_most.count() == 0) {
      b.woken.wait(lock);
    } else if (b.woken.wait_until(lock, limit) == std::cv_status::timeout) {
      break;
    }
  }
  b.sleepers.fetch_sub(1, std::memory_order_acq_rel);
}

void unpark_all(const void* key) noexcept {
  Bucket& b = lot().bucket(key);
  if (b.sleepers.fetch_add(0, std::memory_order_acq_rel) == 0) return;
  // Taking the mutex puts this after the sleeper's check and before or after its wait.
  {
    std::lock_guard lock(b.mutex);
  }
  b.woken.notify_all();
}

bool Spin::again() noexcept {
  pause();
  if (rounds_++ == 0) start_ = std::chrono::steady_clock::now();
  return rounds_ % 16 != 0 || std::chrono::steady_clock::now() - start_ < spin_time;
}

void SpinLock::wait() noexcept {
  for (int i = 0; i < 64; ++i) {
    if (flag_.load(std::memory_order_relaxed) == 0) return;
    pause();
  }
  std::this_thread::yield();
}

}  // namespace treadle
