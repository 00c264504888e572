// How queued work is called off.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace treadle {

namespace detail {
class CancellationState;
void retain(CancellationState* state) noexcept;
void release(CancellationState* state) noexcept;
}  // namespace detail

// Given to tasks in TaskOptions, or to a run of a TaskGraph. Each of them looks at it before it
// starts: once the token is cancelled, or its deadline has passed, they are skipped as if they had
// failed with `Cancelled`, and waits for what they would have written say so. What runs already
// runs to its end, and the engine goes on. A cheap handle; thread-safe.
class CancellationToken {
 public:
  using Clock = std::chrono::steady_clock;

  // Never cancels anything.
  CancellationToken() = default;
  static CancellationToken create();

  CancellationToken(const CancellationToken& other) noexcept : state_(other.state_) {
    if (state_ != nullptr) detail::retain(state_);
  }
  CancellationToken(CancellationToken&& other) noexcept
      : state_(std::exchange(other.state_, nullptr)) {}
  CancellationToken& operator=(CancellationToken other) noexcept {
    std::swap(state_, other.state_);
    return *this;
  }
  ~CancellationToken() {
    if (state_ != nullptr) detail::release(state_);
  }

  // The first call counts; the reason appears in the errors. Error when the token was made without
  // `create`.
  void cancel(std::string_view reason = "the caller asked for it") const;
  // From this moment on nothing starts any more; a later call replaces it.
  void set_deadline(Clock::time_point deadline) const;
  // Whether tasks that look now are skipped.
  bool cancelled() const;

  // For the engine.
  detail::CancellationState* state() const { return state_; }

 private:
  detail::CancellationState* state_ = nullptr;
};

}  // namespace treadle
