// The engine's side of the profiler: where tasks report. Internal.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "treadle/core/device.h"
#include "treadle/engine/engine.h"

namespace treadle::detail {

inline std::atomic<bool> profile_is_on{false};

// The one look that a task costs while the profiler is off.
inline bool profiling() noexcept { return profile_is_on.load(std::memory_order_relaxed); }

// When a task was queued, and its number; 0: it was queued while the profiler was off.
struct ProfileMark {
  uint64_t id = 0;
  int64_t queued = 0;
};

// The number of a node in the graph's run that `run` marks.
inline uint64_t node_id(uint64_t run, uint32_t node) noexcept { return run + node; }

// Nanoseconds since the profiler was started.
int64_t profile_now() noexcept;
// A mark for something queued now; `ids` numbers that follow each other belong to it.
ProfileMark make_mark(uint32_t ids = 1) noexcept;

struct TaskExtras;
void record_task(const TaskExtras& task, ProfileMark mark, int64_t start) noexcept;
void record_dependency(uint64_t from, uint64_t to) noexcept;

// Reports a task as it goes out of scope.
class TaskTimer {
 public:
  TaskTimer(const TaskExtras& task, ProfileMark mark) noexcept
      : task_(task), mark_(mark), start_(mark.id != 0 && profiling() ? profile_now() : -1) {}
  ~TaskTimer() {
    if (start_ >= 0) record_task(task_, mark_, start_);
  }
  TaskTimer(const TaskTimer&) = delete;
  TaskTimer& operator=(const TaskTimer&) = delete;

 private:
  const TaskExtras& task_;
  const ProfileMark mark_;
  const int64_t start_;
};

}  // namespace treadle::detail
