#include "treadle/engine/interrupt.h"

#include <utility>

#include "treadle/core/error.h"
#include "treadle/engine/dynamic_engine.h"

namespace treadle {
namespace {

thread_local bool (*asked_now)() = nullptr;

}  // namespace

InterruptibleWaits::InterruptibleWaits(bool (*asked)()) : outer_(std::exchange(asked_now, asked)) {}
InterruptibleWaits::~InterruptibleWaits() { asked_now = outer_; }

void await_turn(Engine& engine, const Variable& variable) {
  if (!detail::Interruption().is_possible()) return;
  try {
    engine.wait_to_write(variable);
  } catch (const Interrupted&) {
    throw;
  } catch (const Exception&) {
    // What is written next does away with it.
  }
}

namespace detail {

Interruption::Interruption()
    : Interruption(TaskFrame::innermost() == nullptr ? asked_now : nullptr) {}

Interruption::Interruption(bool (*asked)())
    : asked_(asked), next_(asked != nullptr ? Clock::now() + period : Clock::time_point()) {}

bool Interruption::comes() {
  if (asked_ == nullptr || has_come_) return has_come_;
  const Clock::time_point now = Clock::now();
  if (now < next_) return false;
  next_ = now + period;
  return has_come_ = asked_();
}

void throw_interrupted(const char* call) {
  throw Interrupted(call, ": the wait was interrupted; what it waited for goes on.");
}

}  // namespace detail
}  // namespace treadle
