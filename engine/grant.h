// Granting variables to tasks and taking them back: the protocol of task.h. It knows neither
// threads nor what a task does. Internal.
#pragma once

#include <span>

#include "treadle/engine/task.h"

namespace treadle::detail {

// The distinct variables of one push, in order of address, with what the task does to each.
class AccessSet {
 public:
  // Merges duplicates; a variable in both sets is updated. Error, naming op and node, for an empty
  // handle.
  AccessSet(std::span<const Variable> reads, std::span<const Variable> writes, std::string_view op,
            std::string_view node);

  struct Entry {
    VariableState* variable;
    Access::Kind kind;
  };
  std::span<const Entry> entries() const { return {entries_, count_}; }

 private:
  static constexpr size_t inline_count = 24;
  Entry inline_[inline_count];
  Entry* entries_ = inline_;
  size_t count_ = 0;
};

// Makes an epoch for every write of `entries`; the node of `task` must have room for the accesses.
// Throws std::bad_alloc and leaves nothing behind.
void prepare(Task& task, std::span<const AccessSet::Entry> entries);
// Takes that back.
void unprepare(Task& task) noexcept;

// Queues `task` on all its variables at once: two pushes that share variables are in the same order
// on each of them. Returns true when everything is granted already; otherwise the last grant hands
// it to someone's `ready` list. With `others` it waits for as many grants besides.
bool link(Task& task, std::span<const AccessSet::Entry> entries, int32_t others = 0) noexcept;

// Gives back the variables of a task that has ended. What became ready is appended to `ready`;
// waiters that became ready are woken. Touches `task` no more once it has returned.
void release(Task& task, TaskList& ready);

// The error of an input of a granted task, or null.
ErrorRecord* inherited_error(Task& task);
// Has what `release` will touch brought into this processor's cache, while the body runs.
void prefetch(Task& task) noexcept;
// Makes `error` that of everything `task` writes.
void taint(Task& task, ErrorRecord& error);

// Whether every write of the variable so far has ended, and for `to_write` every read too. Then
// `error` is its error, counted for the caller, or null.
bool settled(VariableState& variable, bool to_write, ErrorRecord*& error);

// A variable that nothing has written, with one handle.
VariableState* new_variable(std::string_view name);

}  // namespace treadle::detail
