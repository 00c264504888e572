// A first-in first-out queue of jobs that any thread may use.
#pragma once

#include <atomic>
#include <mutex>
#include <vector>

#include "treadle/device/pool.h"

namespace treadle {

// A ring that grows and keeps its memory, so that a steady load allocates nothing.
class JobQueue {
 public:
  void push(Job job) {
    std::lock_guard lock(mutex_);
    if (count_ == ring_.size()) grow();
    slot(count_++) = job;
    waiting_.store(count_, std::memory_order_relaxed);
  }

  // False when there is none.
  bool pop(Job& job) {
    if (empty()) return false;
    std::lock_guard lock(mutex_);
    if (count_ == 0) return false;
    job = slot(0);
    head_ = (head_ + 1) % ring_.size();
    waiting_.store(--count_, std::memory_order_relaxed);
    return true;
  }

  // Takes `job` out again, the newest one equal to it; false when somebody has it already.
  bool withdraw(Job job) {
    std::lock_guard lock(mutex_);
    size_t at = count_;
    while (at > 0 && !is(job, slot(at - 1))) --at;
    if (at == 0) return false;
    for (; at < count_; ++at) slot(at - 1) = slot(at);
    waiting_.store(--count_, std::memory_order_relaxed);
    return true;
  }

  // A hint: another thread may push or pop at the same time.
  bool empty() const { return waiting_.load(std::memory_order_relaxed) == 0; }

 private:
  static bool is(const Job& a, const Job& b) { return a.run == b.run && a.data == b.data; }
  Job& slot(size_t i) { return ring_[(head_ + i) % ring_.size()]; }

  void grow() {
    std::vector<Job> larger(ring_.empty() ? 16 : ring_.size() * 2);
    for (size_t i = 0; i < count_; ++i) larger[i] = slot(i);
    ring_.swap(larger);
    head_ = 0;
  }

  std::mutex mutex_;
  std::vector<Job> ring_;
  size_t head_ = 0;
  size_t count_ = 0;
  std::atomic<size_t> waiting_{0};  // count_, readable without the lock
};

}  // namespace treadle
