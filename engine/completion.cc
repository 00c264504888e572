#include "treadle/engine/completion.h"

#include <new>

#include "treadle/core/error.h"
#include "treadle/device/parking.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/dynamic_engine.h"
#include "treadle/engine/node_memory.h"

namespace treadle {

Completion::Completion(const Completion& other) noexcept : token_(other.token_) {
  if (token_ == nullptr) return;
  token_->copies.fetch_add(1, std::memory_order_relaxed);
}

Completion::~Completion() {
  if (token_ == nullptr) return;
  if (token_->copies.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    if (!token_->completed.load(std::memory_order_relaxed)) {
      token_->complete(std::make_exception_ptr(
          Error("the task was dropped: every Completion went away without done() or fail().")));
    }
    token_->release();
  }
}

void Completion::done() const noexcept {
  if (token_ != nullptr) token_->complete(nullptr);
}

void Completion::fail(std::exception_ptr error) const noexcept {
  if (token_ == nullptr) return;
  if (error == nullptr) {
    error = std::make_exception_ptr(Error("the task failed without saying why."));
  }
  token_->complete(std::move(error));
}

namespace detail {

AsyncToken* AsyncToken::create(Task& task) {
  return ::new (allocate_node(sizeof(AsyncToken))) AsyncToken{&task};
}

void AsyncToken::complete(std::exception_ptr result) noexcept {
  if (completed.exchange(true, std::memory_order_acq_rel)) return;
  error = std::move(result);
  step();
}

void AsyncToken::step() noexcept {
  // Both sides' errors are seen by the second. The count held here keeps the token for the wake-up.
  retain();
  if (steps.load(std::memory_order_relaxed) == 1 ||
      steps.fetch_sub(1, std::memory_order_acq_rel) == 1) {
  }
  release();
}

void AsyncToken::release() noexcept {
  if (count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~AsyncToken();
  free_node(this, sizeof(AsyncToken));
}

}  // namespace detail
}  // namespace treadle
