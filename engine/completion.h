// How an asynchronous task says that it has ended.
#pragma once

#include <exception>
#include <utility>

namespace treadle {

namespace detail {
struct AsyncToken;
}

// Ends an asynchronous task. Copyable; exactly one call of `done` or `fail` counts, from any
// thread. Dropping the last copy without either fails the task with a sentence, so nothing waits
// forever.
class Completion {
 public:
  Completion(const Completion& other) noexcept;
  Completion(Completion&& other) noexcept : token_(std::exchange(other.token_, nullptr)) {}
  Completion& operator=(Completion other) noexcept {
    std::swap(token_, other.token_);
    return *this;
  }
  ~Completion();

  // The task has done its work; what waits for it may start, also inside this call.
  void done() const noexcept;
  // The task has failed; its error reaches what depends on it as that of a synchronous task does.
  void fail(std::exception_ptr error) const noexcept;

 private:
  friend struct detail::AsyncToken;
  explicit Completion(detail::AsyncToken* token) noexcept : token_(token) {}
  detail::AsyncToken* token_;
};

}  // namespace treadle
