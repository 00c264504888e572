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
#include "treadle/engine/epoch.h"
#include "treadle/engine/profile.h"

namespace treadle::detail {

class CancellationState;
class DynamicEngine;
class GraphCore;
struct Task;

// One variable of one task. Tasks wait in great numbers, so the epoch shares a word with two small
// numbers: addresses have 48 bits, and epochs lie at multiples of 32.
class Access {
 public:
  enum class Kind : uint8_t {
    read,
    write,   // the value before does not matter
    update,  // it does: an error on it reaches the task
  };
  // So many that the distance from the task to the last one fits.
  static constexpr size_t most = 250'000;

  // `epoch`: the one that this write opens; `from_task`: bytes from the task to this.
  Access(Epoch* epoch, size_t from_task, Kind kind) noexcept
      : word_(reinterpret_cast<uint64_t>(epoch) | uint64_t(kind) | place_word(from_task / 8)) {}

  // The one that is read, or the one that this write opens.
  Epoch* epoch() const noexcept { return reinterpret_cast<Epoch*>(word_ & epoch_bits); }
  void set_epoch(Epoch* epoch) noexcept {
    word_ = (word_ & ~epoch_bits) | reinterpret_cast<uint64_t>(epoch);
  }
  Kind kind() const noexcept { return Kind(word_ & kind_bits); }
  inline Task& task() noexcept;

  Access* next = nullptr;  // among those that wait for the same write

 private:
  static constexpr uint64_t epoch_bits = (uint64_t(1) << 48) - 32, kind_bits = 3;
  // The place in units of 8 bytes: its lower 16 bits above the epoch, 3 more between that and kind.
  static uint64_t place_word(uint64_t place) noexcept {
    return (place & 0xffff) << 48 | place >> 16 << 2;
  }

  uint64_t word_;
};
static_assert(sizeof(Access) == 16, "a million queued tasks should fit into memory");

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
  int32_t priority = 0;
  Device device;
  Lane lane = Lane::compute;
  bool ends_at_issue = false;                 // on a stream: its closure goes when it is issued
  bool is_issued = false;                     // on a stream: its accesses are given back, and gone
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
  uint32_t access_count = 0;
  Task* next = nullptr;  // in one list of ready tasks
  DynamicEngine* engine = nullptr;
  union {
    const Closure::Operations* operations = nullptr;
    const AsyncClosure::Operations* async_operations;
    GraphCore* graph;
  };
  union {
    uint32_t bytes = 0;  // of its node
    uint32_t node;       // of the graph
  };
  // Set before it is queued.
  Kind kind : 3 = Kind::body;
  uint8_t phase : 1 = 0;  // see TaskCount
  bool has_extras : 1 = false;
  bool has_priority : 1 = false;
  bool on_stream : 1 = false;
  uint8_t accesses_at = 0;  // in units of 8 bytes from the task; extras lie right before
  // Set before the grant by who grants a value with an error, so that a task without one need not
  // look at its epochs, which other processors may be busy with, before it runs.
  std::atomic<bool> inherits_error{false};
  std::atomic<bool> may_start{false};  // used by the serial engine, which keeps tasks in push order

  // The larger first.
  int32_t priority() const { return has_priority ? extras().priority : 0; }
  Access* accesses() { return reinterpret_cast<Access*>(own_end()); }
  // Aligned to 16, if its size is a multiple of that.
  void* closure() { return this + 1; }
  const TaskExtras& extras() const;
  // Of a task that has some.
  TaskExtras& own_extras() const { return *(reinterpret_cast<TaskExtras*>(own_end()) - 1); }
  std::string_view op_name() const { return {extras().op, extras().op_size}; }
  std::string_view node_name() const { return {extras().node, extras().node_size}; }
  bool is_issued() const { return on_stream && own_extras().is_issued; }
  Device device() const { return extras().device; }
  Lane lane() const { return extras().lane; }
  // Its number in the profile; 0: it was queued while the profiler was off.
  uint64_t profile_id() const;

 private:
  // Of the closure and the extras.
  char* own_end() const {
    return const_cast<char*>(reinterpret_cast<const char*>(this)) + size_t(accesses_at) * 8;
  }
};
static_assert(sizeof(Task) == 40, "a million queued tasks should fit into memory");

inline Task& Access::task() noexcept {
  const uint64_t place = word_ >> 48 | (word_ >> 2 & 7) << 16;
  return *reinterpret_cast<Task*>(reinterpret_cast<char*>(this) - place * 8);
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
