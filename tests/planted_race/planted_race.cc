// Two jobs of the pool add to one plain counter, without a lock unless --locked is given. Built in
// the tsan preset only, where the first must be reported.
#include <atomic>
#include <iostream>
#include <mutex>
#include <string_view>

#include "treadle/device/pool.h"

namespace {

struct Shared {
  bool is_locked = false;
  std::mutex mutex;
  // What the race is about. ThreadSanitizer remembers four accesses to eight bytes: the rendezvous
  // must not push them out.
  alignas(64) int counter = 0;
  // Relaxed, so that they order nothing: the rendezvous must not hide the race.
  alignas(64) std::atomic<int> started{0};
  std::atomic<int> ended{0};
};

void add_one(void* data) noexcept {
  auto& shared = *static_cast<Shared*>(data);
  shared.started.fetch_add(1, std::memory_order_relaxed);
  while (shared.started.load(std::memory_order_relaxed) < 2) {  // both jobs are on threads now
  }
  // Often, since ThreadSanitizer may miss one pair of accesses that are truly simultaneous.
  for (int i = 0; i < 1000; ++i) {
    std::atomic_signal_fence(std::memory_order_seq_cst);  // or the loop becomes a single addition
    if (shared.is_locked) {
      std::lock_guard lock(shared.mutex);
      ++shared.counter;
    } else {
      ++shared.counter;
    }
  }
  shared.ended.fetch_add(1, std::memory_order_release);  // partner: the acquire in main
}

}  // namespace

int main(int argc, char** argv) {
  Shared shared;
  shared.is_locked = argc > 1 && std::string_view(argv[1]) == "--locked";
  const auto pool = treadle::make_thread_pool({.concurrency = 2});
  pool->submit({add_one, &shared});
  pool->submit({add_one, &shared});
  while (shared.ended.load(std::memory_order_acquire) < 2) {
  }
  std::cout << "the counter is " << shared.counter << '\n';
}
