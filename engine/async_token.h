// What the copies of a Completion share. Internal.
#pragma once

#include <atomic>
#include <exception>

#include "treadle/engine/task.h"

namespace treadle::detail {

// The task ends when its body has returned and it has been completed, whichever comes last; the
// token lives on while someone holds a Completion.
struct AsyncToken {
  // With one count for the caller and one for the Completion; throws std::bad_alloc.
  static AsyncToken* create(Task& task);
  Completion completion() noexcept { return Completion(this); }

  explicit AsyncToken(Task& task) : task(&task) {}

  // The first call counts.
  void complete(std::exception_ptr result) noexcept;
  // One of the two conditions holds. The second one ends the task, on the calling thread.
  void step() noexcept;
  void release() noexcept;

  Task* task;                           // valid until it ends
  std::atomic<int32_t> count{2};        // of the caller of create, and of all Completions together
  std::atomic<int32_t> completions{1};  // copies
  std::atomic<int32_t> steps{2};
  std::atomic<bool> completed{false};
  std::atomic<bool> ended{false};
  std::exception_ptr error;       // of the completion; written before its step
  int64_t started = -1;           // while the profiler is on
  std::exception_ptr body_error;  // of the body; written before its step, and the one that counts
};

}  // namespace treadle::detail
