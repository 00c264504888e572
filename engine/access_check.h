// A check that tasks keep to what they declared: touching an array behind the engine's back is how
// results begin to depend on the schedule.
#pragma once

#include <atomic>

#include "treadle/engine/variable.h"

namespace treadle {

namespace detail {
extern std::atomic<bool> access_check_is_on;
void check_declared(const Variable& variable);
}  // namespace detail

// Whether tasks are checked: TREADLE_CHECK_ACCESS=1 or 0, else in debug builds.
inline bool checks_access() noexcept {
  return detail::access_check_is_on.load(std::memory_order_relaxed);
}
// Switches the check for all engines; returns what it was.
bool set_access_check(bool on) noexcept;

// Called with the variable of memory that is about to be touched. Throws Error, naming the task and
// the variable, when the calling thread is inside a task that neither reads nor writes it. Outside
// tasks everything may be touched.
inline void check_access(const Variable& variable) {
  if (checks_access()) detail::check_declared(variable);
}

}  // namespace treadle
