// What the copies of a Completion share. Internal.
#pragma once

#include <atomic>
#include <exception>

#include "treadle/engine/task.h"

namespace treadle::detail {

// Outlives its task as long as someone holds a Completion. The task ends when its body has
// returned and it has been completed, whichever comes last.
struct AsyncToken {
  static AsyncToken* create(Task& task);

  // A Completion on it, which takes over one count.
  static Completion completion(AsyncToken* token) noexcept { return Completion(token); }

  // The first call counts.
  void complete(std::exception_ptr result) noexcept;
  // One of the two conditions holds; on the second the task ends, on this thread.
  void step() noexcept;

  bool ended() const noexcept { return steps.load(std::memory_order_acquire) == 0; }
  void retain() noexcept { count.fetch_add(1, std::memory_order_relaxed); }
  void release() noexcept;

  Task* task;  // valid until it ends
  std::atomic<int32_t> count{1};
  std::atomic<int32_t> steps{2};
  std::atomic<bool> completed{false};
  std::exception_ptr error;       // of the completion; written before its step
  std::exception_ptr body_error;  // of the body; written before its step
};

}  // namespace treadle::detail
