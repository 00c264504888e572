#include "treadle/engine/cancellation.h"

#include <exception>
#include <new>

#include "treadle/core/error.h"
#include "treadle/engine/cancellation_state.h"
#include "treadle/engine/error_record.h"

namespace treadle {

CancellationToken CancellationToken::create() {
  CancellationToken token;
  token.state_ = new detail::CancellationState;
  return token;
}

void CancellationToken::cancel(std::string_view reason) const {
  if (state_ == nullptr) {
    throw Error("CancellationToken.cancel: the token is empty and no task looks at it; make it ",
                "with CancellationToken::create() and give it to the tasks.");
  }
  state_->cancel(reason);
}

void CancellationToken::set_deadline(Clock::time_point deadline) const {
  if (state_ == nullptr) {
    throw Error("CancellationToken.set_deadline: the token is empty and no task looks at it; make ",
                "it with CancellationToken::create() and give it to the tasks.");
  }
  state_->set_deadline(deadline);
}

bool CancellationToken::cancelled() const { return state_ != nullptr && state_->is_set(); }

namespace detail {

void retain(CancellationState* state) noexcept { state->retain(); }
void release(CancellationState* state) noexcept { state->release(); }

CancellationState::~CancellationState() {
  if (record_ != nullptr) record_->release();
}

void CancellationState::cancel(std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (cancelled_.load(std::memory_order_relaxed)) return;
  reason_ = reason;
  cancelled_.store(true, std::memory_order_release);
}

void CancellationState::set_deadline(CancellationToken::Clock::time_point deadline) noexcept {
  deadline_.store(deadline.time_since_epoch().count(), std::memory_order_relaxed);
}

bool CancellationState::is_set() const noexcept {
  if (cancelled_.load(std::memory_order_relaxed)) return true;
  const Ticks deadline = deadline_.load(std::memory_order_relaxed);
  return deadline != never &&
         CancellationToken::Clock::now().time_since_epoch().count() >= deadline;
}

ErrorRecord* CancellationState::record(std::string_view op, std::string_view node,
                                       bool& is_new) noexcept {
  const std::lock_guard lock(mutex_);
  is_new = record_ == nullptr;
  if (is_new) {
    std::exception_ptr error;
    try {
      if (cancelled_.load(std::memory_order_relaxed)) {
        throw Cancelled("the task was not run, nor what came after it with the same token, " +
                        concat("because that was cancelled: ", reason_, "."));
      }
      throw Cancelled(
          "the task was not run, nor what came after it with the same token, because its deadline "
          "had passed before it could start. Allow more time, or queue less work.");
    } catch (...) {
      error = std::current_exception();
    }
    record_ = ErrorRecord::create(std::move(error), op, node);
  }
  record_->retain();
  return record_;
}

}  // namespace detail
}  // namespace treadle
