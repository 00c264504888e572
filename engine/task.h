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

#include <atomic>
#include <cstdint>
#include <string>

#include "treadle/core/device.h"
#include "treadle/device/parking.h"
#include "treadle/engine/closure.h"
#include "treadle/engine/engine.h"

namespace treadle::detail {

class DynamicEngine;
class ErrorRecord;
struct Epoch;
struct Task;

// One variable of one task.
struct Access {
  enum class Kind : uint8_t {
    read,
    write,   // the value before does not matter
    update,  // it does: an error on it reaches the task
  };

  Epoch* epoch;  // the one that is read, or the one that this write opens
  Access* next;  // among those that wait for the same write
  Task* task;
  Kind kind;
};

// A value of a variable.
struct Epoch {
  // Accesses that wait for the write to end, newest first; `write_ended` once it has.
  std::atomic<Access*> waiting{nullptr};
  // Counts down as reads end; the closing write adds how many there were, so it is zero again
  // exactly when the epoch is closed and all have ended.
  std::atomic<int64_t> reads{0};
  // The closing write or `variable_ended`; set before that addition, which publishes it.
  Access* successor = nullptr;
  ErrorRecord* error = nullptr;  // counted; null when the value is good
  VariableState* variable = nullptr;
  int64_t reads_opened = 0;  // guarded by the variable's lock
};

// In Epoch::waiting: the write has ended.
inline Access* const write_ended = reinterpret_cast<Access*>(uintptr_t(1));
// In Epoch::waiting or successor: the variable ends here; there is nothing to grant.
inline Access* const variable_ended = reinterpret_cast<Access*>(uintptr_t(2));

struct VariableState {
  std::atomic<uint32_t> handles{1};
  SpinLock lock;  // guards `last` and its reads_opened; taken by pushes, in order of address
  Epoch* last = nullptr;
  std::string name;
};

// Made by push, freed when it has ended. `access_count` accesses and then the closure follow it in
// the same node.
struct Task {
  enum class Kind : uint8_t { body, async_body, waiter };

  // Grants still to come, and one while the push is under way.
  std::atomic<int32_t> missing{0};
  int32_t priority = 0;
  Task* next = nullptr;  // in one list of ready tasks
  DynamicEngine* engine = nullptr;
  union {
    const Closure::Operations* operations = nullptr;
    const AsyncClosure::Operations* async_operations;
  };
  const char* op = "";
  const char* node = "";
  uint32_t op_size = 0;
  uint32_t node_size = 0;
  Device device;
  uint32_t access_count = 0;
  uint32_t bytes = 0;  // of the node
  Kind kind = Kind::body;
  Lane lane = Lane::compute;
  uint8_t phase = 0;                   // see TaskCount
  std::atomic<bool> may_start{false};  // used by the serial engine, which keeps tasks in push order

  Access* accesses() { return reinterpret_cast<Access*>(this + 1); }
  void* closure() {
    auto after = reinterpret_cast<uintptr_t>(accesses() + access_count);
    return reinterpret_cast<void*>((after + 15) & ~uintptr_t(15));
  }
  std::string_view op_name() const { return {op, op_size}; }
  std::string_view node_name() const { return {node, node_size}; }
};
static_assert(sizeof(Task) % alignof(Access) == 0 && alignof(Task) >= alignof(Access));

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

 private:
  Task* first_ = nullptr;
  Task* last_ = nullptr;
};

}  // namespace treadle::detail
