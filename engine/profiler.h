// What ran when, for how long and after what: recorded while the profiler is on, shown as a trace
// that chrome://tracing and Perfetto open, or as a table.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/engine/engine.h"

namespace treadle {

// One run of a task. Times are nanoseconds since the profiler was started.
struct TaskEvent {
  uint64_t id = 0;
  std::string op, node;
  Device device;
  Lane lane = Lane::compute;
  uint32_t thread = 0;  // numbered in the order of their first event
  int64_t queued = 0;   // when it was pushed, or when its graph's run began
  int64_t start = 0;
  int64_t end = 0;
};

// `to` waited for `from`.
struct TaskDependency {
  uint64_t from = 0, to = 0;
};

struct TaskTrace {
  std::vector<TaskEvent> tasks;  // by start
  std::vector<TaskDependency> dependencies;
  uint64_t dropped = 0;  // events for which there was no room

  // The trace-event format: a slice per task, on a row per thread and device, and an arrow per
  // dependency.
  std::string chrome_json() const;
  // A row per operator: calls, total, mean, least and most time, mean time in the queue, in
  // microseconds; the largest total first.
  std::string summary() const;
};

// The process's profiler. All functions may be called from any thread, also while tasks run; what
// is recorded are tasks that start and end while it is on.
class Profiler {
 public:
  // Forgets what was recorded and begins anew; at most `most_events` tasks and as many dependencies
  // are kept.
  static void start(uint64_t most_events = uint64_t(1) << 22);
  static void stop();
  // Goes on after a stop, behind what was recorded before; begins anew where nothing was.
  static void resume();
  static bool is_on();
  // What was recorded since start; it is kept until the next start.
  static TaskTrace trace();
};

}  // namespace treadle
