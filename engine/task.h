// A task as the engine holds it, and the state of a variable: a chain of epochs. Internal.
//
//   variable ──last──▶ epoch 3 (open)        epoch = one write and the reads after it
//
//   epoch 1            epoch 2               epoch 3
//   write A            write D               write F
//   reads  B C         reads  E              reads  -
//      │ A ended:        │ D ended:
//      │  B, C granted   │  E granted
//      └ B and C ended:  └ E ended:
//         D granted         F granted
//
// Only pushes touch the variable; the end of a task touches the epochs of its accesses alone. Each
// access waits for at most one event of one epoch: a read for the epoch's write to end, a write for
// the reads of the epoch before, or for its write where it had no reads. Invariants:
//  - An epoch is closed once, by the next write (or the variable's end), under the variable's lock.
//  - Whoever grants the closing write frees the epoch: by then its write and all its reads have
//    ended and no push can reach it.
//  - An error belongs to the epoch whose write failed: it is set before the write ends, so a task
//    that was granted may read it without a lock.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "treadle/core/device.h"
#include "treadle/device/parking.h"
#include "treadle/engine/closure.h"
#include "treadle/engine/engine.h"
#include "treadle/engine/profile.h"

namespace treadle::detail {

class CancellationState;
class DynamicEngine;
class ErrorRecord;
class GraphCore;
struct Epoch;
struct Issued;
struct IssuedLink;
struct Task;

// One variable of one task.
struct Access {
  enum class Kind : uint8_t {
    read,
    write,   // the value before does not matter
    update,  // it does: an error on it reaches the task
  };

  Epoch* epoch;        // the one that is read, or the one that this write opens
  Access* next;        // among those that wait for the same write
  uint32_t from_task;  // bytes from the task to this
  Kind kind;

  inline Task& task();
};
static_assert(sizeof(Access) == 24, "a million queued tasks should fit into memory");

// Half of an address, good for prefetching only: the upper half is taken from something that
// usually lies near.
class Hint {
 public:
  void set(const void* address) noexcept {
    line_.store(uint32_t(reinterpret_cast<uintptr_t>(address) / 64), std::memory_order_relaxed);
  }
  const void* near(const void* other) const noexcept {
    constexpr uintptr_t reach = uintptr_t(64) << 32;
    const uintptr_t upper = reinterpret_cast<uintptr_t>(other) & ~(reach - 1);
    const uintptr_t lower = uintptr_t(line_.load(std::memory_order_relaxed)) * 64;
    return reinterpret_cast<const void*>(upper | lower);
  }

 private:
  std::atomic<uint32_t> line_{0};
};

// A value of a variable.
struct Epoch {
  // Accesses that wait for the write to end, newest first; `write_ended` once it has.
  std::atomic<Access*> waiting{nullptr};
  // The closing write or `variable_ended`; set before the addition to `reads`, which publishes it.
  Access* successor = nullptr;
  ErrorRecord* error = nullptr;  // counted; null when the value is good
  VariableState* variable = nullptr;
  // Counts down as reads end; the closing write adds how many there were, so it is zero again
  // exactly when the epoch is closed and all have ended.
  std::atomic<int32_t> reads{0};
  // Where the first reads lie, or the epoch itself: the end of the write hands them on. Those that
  // wait are in a list, whose elements would be fetched one after the other.
  std::array<Hint, 3> first_reads;
  // Tasks on streams that have given their access back before they are done: see issued.h.
  IssuedLink* written = nullptr;  // set before the write ends
  IssuedLink* others = nullptr;   // until the write ends its task's, then guarded by the lock
};

// In Epoch::waiting: the write has ended.
inline Access* const write_ended = reinterpret_cast<Access*>(uintptr_t(1));
// In Epoch::waiting or successor: the variable ends here; there is nothing to grant.
inline Access* const variable_ended = reinterpret_cast<Access*>(uintptr_t(2));

// What pushes touch. How often the last epoch is read is counted here and not there, so that a
// push that reads does not write to a line that ending tasks write to.
struct alignas(64) VariableState {
  std::atomic<uint32_t> handles{1};
  SpinLock lock;  // guards `last` and `reads_opened`; taken by pushes, in order of address
  std::atomic<Epoch*> last{nullptr};  // atomic only to be prefetched before the lock is taken
  int32_t reads_opened = 0;           // of `last`
  std::string name;
};

// What most tasks do without: names, a place, and limits.
struct TaskExtras {
  const char* op = "task";
  const char* node = "";
  uint32_t op_size = 4;
  uint32_t node_size = 0;
  Device device;
  Lane lane = Lane::compute;
  bool ends_at_issue = false;                 // on a stream: its closure goes when it is issued
  Issued* issued = nullptr;                   // of a task on a stream, see issued.h
  uint64_t bytes = 0;                         // see Admission
  CancellationState* cancellation = nullptr;  // counted
  ProfileMark mark = {};
};

// Made by push, freed when it has ended. The closure, the extras if there are any, and the accesses
// follow it in the same node.
struct Task {
  // A graph's tasks belong to it and have no closure; see GraphCore.
  enum class Kind : uint8_t { body, async_body, waiter, graph_node, graph_run };

  // Grants still to come, and one while the push is under way.
  std::atomic<int32_t> missing{0};
  int32_t priority = 0;
  Task* next = nullptr;  // in one list of ready tasks
  DynamicEngine* engine = nullptr;
  union {
    const Closure::Operations* operations = nullptr;
    const AsyncClosure::Operations* async_operations;
    GraphCore* graph;
  };
  uint32_t access_count = 0;
  union {
    uint32_t bytes = 0;  // that this and what follows it take
    uint32_t node;       // of the graph
  };
  Kind kind = Kind::body;
  uint8_t phase = 0;        // see TaskCount
  uint8_t accesses_at = 0;  // in units of 8 bytes from the task
  uint8_t extras_at = 0;    // likewise; 0: none
  // Set before the grant by who grants a value with an error, so that a task without one need not
  // look at its epochs, which other processors may be busy with, before it runs.
  std::atomic<bool> inherits_error{false};
  std::atomic<bool> may_start{false};  // used by the serial engine, which keeps tasks in push order
  bool on_stream = false;
  bool is_issued = false;  // on a stream: its accesses are given back, and gone

  Access* accesses() { return reinterpret_cast<Access*>(at(accesses_at)); }
  void* closure() { return this + 1; }
  const TaskExtras& extras() const;
  // Of a task that has some.
  TaskExtras& own_extras() { return *reinterpret_cast<TaskExtras*>(at(extras_at)); }
  std::string_view op_name() const { return {extras().op, extras().op_size}; }
  std::string_view node_name() const { return {extras().node, extras().node_size}; }
  Device device() const { return extras().device; }
  Lane lane() const { return extras().lane; }
  // Its number in the profile; 0: it was queued while the profiler was off.
  uint64_t profile_id() const;

 private:
  char* at(uint8_t units) const {
    return const_cast<char*>(reinterpret_cast<const char*>(this)) + size_t(units) * 8;
  }
};
static_assert(sizeof(Task) == 48, "the closure behind it must be aligned to 16, and see Access");

inline Task& Access::task() {
  return *reinterpret_cast<Task*>(reinterpret_cast<char*>(this) - from_task);
}

// Ready tasks in the order in which they became so.
class TaskList {
 public:
  bool empty() const { return first_ == nullptr; }
  void push(Task& task) {
    task.next = nullptr;
    (last_ != nullptr ? last_->next : first_) = &task;
    last_ = &task;
  }
  Task* pop() {
    Task* task = first_;
    if (task != nullptr) {
      first_ = task->next;
      if (first_ == nullptr) last_ = nullptr;
    }
    return task;
  }

  // All tasks of `others`, behind those here.
  void append(TaskList others) {
    if (others.empty()) return;
    (last_ != nullptr ? last_->next : first_) = others.first_;
    last_ = others.last_;
  }
  template <class Fn>
  void for_each(Fn fn) const {
    for (Task* task = first_; task != nullptr; task = task->next) fn(*task);
  }

 private:
  Task* first_ = nullptr;
  Task* last_ = nullptr;
};

}  // namespace treadle::detail
