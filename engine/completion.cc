#include "treadle/engine/completion.h"

#include <new>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/dynamic_engine.h"
#include "treadle/engine/node_memory.h"

namespace treadle {
namespace {

// Also when memory is out: then the error is that.
std::exception_ptr error_saying(const char* sentence) noexcept {
  try {
    throw Error(sentence);
  } catch (...) {
    return std::current_exception();
  }
}

}  // namespace

Completion::Completion(const Completion& other) noexcept : token_(other.token_) {
  if (token_ != nullptr) token_->completions.fetch_add(1, std::memory_order_relaxed);
}

Completion::~Completion() {
  if (token_ == nullptr) return;
  if (token_->completions.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (!token_->completed.load(std::memory_order_relaxed)) {
    token_->complete(error_saying(
        "the task can never end: every Completion went away without done() or fail()."));
  }
  token_->release();
}

void Completion::done() const noexcept {
  if (token_ != nullptr) token_->complete(nullptr);
}

void Completion::fail(std::exception_ptr error) const noexcept {
  if (token_ == nullptr) return;
  if (error == nullptr) error = error_saying("the task failed without saying why.");
  token_->complete(std::move(error));
}

namespace detail {

AsyncToken* AsyncToken::create(Task& task) {
  return ::new (allocate_node(sizeof(AsyncToken))) AsyncToken(task);
}

void AsyncToken::complete(std::exception_ptr result) noexcept {
  if (completed.exchange(true, std::memory_order_acq_rel)) return;
  error = std::move(result);
  step();
}

void AsyncToken::step() noexcept {
  // Acquire and release: the second thread sees the error that the first one left.
  if (steps.fetch_sub(1, std::memory_order_acq_rel) == 1) task->engine->end_async(*this);
}

void AsyncToken::release() noexcept {
  if (count.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~AsyncToken();
  free_node(this, sizeof(AsyncToken));
}

}  // namespace detail
}  // namespace treadle
