// Lets a thread that waits be called off, by Ctrl-C for one.
#pragma once

#include <chrono>

#include "treadle/engine/engine.h"

namespace treadle {

// While it lives, the waits of this thread call `asked` every few milliseconds, and throw
// Interrupted when it gives true; what they waited for goes on. Waits inside tasks do not: their
// error would become that of the task. With null no wait is called off: for waits for tasks that
// refer to memory of the caller.
//
//   const InterruptibleWaits until_ctrl_c([] { return signal_seen.load(); });
//   array.wait();
class InterruptibleWaits {
 public:
  explicit InterruptibleWaits(bool (*asked)());
  ~InterruptibleWaits();
  InterruptibleWaits(const InterruptibleWaits&) = delete;
  InterruptibleWaits& operator=(const InterruptibleWaits&) = delete;

 private:
  bool (*const outer_)();
};

// Returns when all that was pushed for the variable has ended, whatever came of it, where the waits
// of this thread may be called off; at once elsewhere. Before a wait that may not be.
void await_turn(Engine& engine, const Variable& variable);

namespace detail {

// One wait.
class Interruption {
 public:
  // Of this thread, as its InterruptibleWaits say.
  Interruption();
  explicit Interruption(bool (*asked)());  // null: never

  bool is_possible() const { return asked_ != nullptr; }
  // Whether the wait is to end; asks at most once in `period`. Under no lock: who is asked may wait
  // for a lock of its own.
  bool comes();
  // Whether it was.
  bool has_come() const { return has_come_; }

  static constexpr std::chrono::milliseconds period{20};

 private:
  using Clock = std::chrono::steady_clock;
  bool (*asked_)();
  Clock::time_point next_;
  bool has_come_ = false;
};

// Throws Interrupted.
[[noreturn]] void throw_interrupted(const char* call);

}  // namespace detail
}  // namespace treadle
