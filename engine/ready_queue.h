// Ready tasks on their way to the threads that run them. Internal.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "treadle/engine/prefetch.h"
#include "treadle/engine/task.h"

namespace treadle::detail {

// Any thread pushes, by one exchange on a line that takers touch only when they take the last task;
// takers share the rest under a lock. First in, first out among equal priorities.
class ReadyQueue {
 public:
  void push(Task& task) noexcept {
    if (task.priority() != 0) prioritized_.fetch_add(1, std::memory_order_relaxed);
    task.next = nullptr;
    // Sequentially consistent, as is every `empty`: whoever then finds no thread looking for work
    // is right that none will see the task by itself.
    Task* const before = newest_.exchange(&task, std::memory_order_seq_cst);
    if (before != nullptr) {
      std::atomic_ref(before->next).store(&task, std::memory_order_release);
    } else {
      oldest_.store(&task, std::memory_order_release);
    }
  }

  // The next task by priority, or null.
  Task* pop() noexcept {
    if (oldest_.load(std::memory_order_relaxed) == nullptr && empty()) return nullptr;
    std::lock_guard guard(lock_);
    if (!is_sorted_ && prioritized_.load(std::memory_order_relaxed) == 0) return pop_oldest();
    return pop_sorted();
  }

  bool empty() const noexcept {
    return newest_.load(std::memory_order_seq_cst) == nullptr &&
           !is_sorted_.load(std::memory_order_seq_cst);
  }
  // Whether tasks wait that are not all of equal priority.
  bool has_priorities() const noexcept { return prioritized_.load(std::memory_order_relaxed) != 0; }

  // In a forked child: what was queued belongs to the parent.
  void reset() noexcept { ::new (this) ReadyQueue; }

 private:
  struct Ranked {
    Task* task;
    uint64_t order;
    // The largest comes first: the higher priority, then the earlier.
    bool operator<(const Ranked& other) const {
      return task->priority() != other.task->priority() ? task->priority() < other.task->priority()
                                                        : order > other.order;
    }
  };

  // Null also while the push of the oldest task is half done.
  Task* pop_oldest() noexcept {
    Task* const task = oldest_.load(std::memory_order_acquire);
    if (task == nullptr) return nullptr;
    Task* next = std::atomic_ref(task->next).load(std::memory_order_acquire);
    if (next == nullptr) {
      oldest_.store(nullptr, std::memory_order_relaxed);
      Task* newest = task;
      // Release: the push that then finds none puts its task into `oldest_` after the line above.
      if (newest_.compare_exchange_strong(newest, nullptr, std::memory_order_acq_rel)) return task;
      // A push is about to say what comes after it.
      while ((next = std::atomic_ref(task->next).load(std::memory_order_acquire)) == nullptr) {
        std::this_thread::yield();
      }
    }
    oldest_.store(next, std::memory_order_relaxed);
    // It comes from the cache of the processor that pushed it, while this task runs here.
    for (size_t line = 0; line < 3; ++line) {
      prefetch_to_write(reinterpret_cast<char*>(next) + line * 64);
    }
    return task;
  }

  Task* pop_sorted() noexcept {
    is_sorted_.store(true, std::memory_order_seq_cst);  // not even now may `empty` overlook a task
    while (Task* task = pop_oldest()) {
      if (task->priority() == 0 || !rank(*task)) plain_.push(*task);
    }
    Task* task = nullptr;
    if (!ranked_.empty() && (plain_.empty() || ranked_.front().task->priority() > 0)) {
      std::pop_heap(ranked_.begin(), ranked_.end());
      task = ranked_.back().task;
      ranked_.pop_back();
    } else {
      task = plain_.pop();
    }
    is_sorted_.store(!plain_.empty() || !ranked_.empty(), std::memory_order_seq_cst);
    if (task != nullptr && task->priority() != 0) {
      prioritized_.fetch_sub(1, std::memory_order_relaxed);
    }
    return task;
  }

  // False when there is no memory for it; then the task takes its turn among the others.
  bool rank(Task& task) noexcept {
    try {
      ranked_.push_back({&task, order_++});
    } catch (const std::bad_alloc&) {
      return false;
    }
    std::push_heap(ranked_.begin(), ranked_.end());
    return true;
  }

  alignas(64) std::atomic<Task*> newest_{nullptr};
  alignas(64) std::atomic<Task*> oldest_{nullptr};  // linked by `next` up to the newest
  std::atomic<int32_t> prioritized_{0};             // tasks here whose priority is not zero
  std::atomic<bool> is_sorted_{false};              // plain_ or ranked_ holds some
  SpinLock lock_;                                   // guards taking, and what follows
  TaskList plain_;
  std::vector<Ranked> ranked_;  // a heap
  uint64_t order_ = 0;
};

}  // namespace treadle::detail
