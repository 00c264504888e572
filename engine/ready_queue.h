// Ready tasks on their way to the threads that run them. Internal.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>
#include <new>
#include <vector>

#include "treadle/engine/task.h"

namespace treadle::detail {

// Any thread pushes, by one exchange on a line that takers rarely touch; takers share the rest
// under a lock and fetch what was pushed all at once. First in, first out among equal priorities.
class ReadyQueue {
 public:
  void push(Task& task) noexcept {
    if (task.priority != 0) prioritized_.fetch_add(1, std::memory_order_relaxed);
    Task* head = inbox_.load(std::memory_order_relaxed);
    do {
      task.next = head;
      // Sequentially consistent, as is every `empty`: whoever then finds no thread looking for work
      // is right that none will see the task by itself.
    } while (!inbox_.compare_exchange_weak(head, &task, std::memory_order_seq_cst,
                                           std::memory_order_relaxed));
  }

  // The next task by priority, or null.
  Task* pop() noexcept {
    if (empty()) return nullptr;
    std::lock_guard guard(lock_);
    if (plain_.empty() || prioritized_.load(std::memory_order_relaxed) != 0) fetch();
    Task* task = nullptr;
    if (!ranked_.empty() && (plain_.empty() || ranked_.front().task->priority > 0)) {
      std::pop_heap(ranked_.begin(), ranked_.end());
      task = ranked_.back().task;
      ranked_.pop_back();
    } else {
      task = plain_.pop();
    }
    if (task == nullptr) return nullptr;
    if (task->priority != 0) prioritized_.fetch_sub(1, std::memory_order_relaxed);
    inside_.store(!plain_.empty() || !ranked_.empty(), std::memory_order_seq_cst);
    return task;
  }

  bool empty() const noexcept {
    return inbox_.load(std::memory_order_seq_cst) == nullptr &&
           !inside_.load(std::memory_order_seq_cst);
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
      return task->priority != other.task->priority ? task->priority < other.task->priority
                                                    : order > other.order;
    }
  };

  void fetch() noexcept {
    Task* newest = inbox_.exchange(nullptr, std::memory_order_seq_cst);
    Task* oldest = nullptr;
    while (newest != nullptr) {
      Task* next = newest->next;
      newest->next = oldest;
      oldest = newest;
      newest = next;
    }
    while (oldest != nullptr) {
      Task* next = oldest->next;
      if (oldest->priority == 0 || !rank(*oldest)) plain_.push(*oldest);
      oldest = next;
    }
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

  alignas(64) std::atomic<Task*> inbox_{nullptr};    // newest first
  alignas(64) std::atomic<int32_t> prioritized_{0};  // tasks here whose priority is not zero
  std::atomic<bool> inside_{false};                  // plain_ or ranked_ holds some
  SpinLock lock_;                                    // guards what follows
  TaskList plain_;
  std::vector<Ranked> ranked_;  // a heap
  uint64_t order_ = 0;
};

}  // namespace treadle::detail
