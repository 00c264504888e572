// Tasks on streams in the engine: issued by the thread that runs them, done when the driver says
// so. engine/issued.h has the protocol.
#include <mutex>
#include <utility>

#include "treadle/device/parking.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/dynamic_engine.h"
#include "treadle/engine/error_record.h"
#include "treadle/engine/grant.h"
#include "treadle/engine/issued.h"

namespace treadle::detail {
namespace {

// Whether one that the task follows has failed meanwhile: then its work is left out.
bool is_spoiled(void* data) noexcept {
  auto& issued = *static_cast<Issued*>(data);
  for (uint32_t i = 0; i < issued.value_count; ++i) {
    Issued& before = *issued.values()[i];
    if (before.is_done() && before.error != nullptr) return true;
  }
  return false;
}

void on_done(void* data, std::exception_ptr thrown) noexcept {
  auto& issued = *static_cast<Issued*>(data);
  issued.token->task->engine->stream_done(issued, std::move(thrown));
}

}  // namespace

StreamPart::StreamPart(Task& task, Stream& stream) : issued_(Issued::create(task.access_count)) {
  issued_->stream = &stream;
  try {
    issued_->token = AsyncToken::create(task);
  } catch (...) {
    issued_->release();
    throw;
  }
}

StreamPart::~StreamPart() {
  if (issued_ == nullptr) return;
  issued_->token->release();
  issued_->token->release();  // both counts
  issued_->release();
}

void StreamPart::give_to(Task& task) noexcept {
  streams_in_use.store(true, std::memory_order_relaxed);
  task.on_stream = true;
  task.own_extras().issued = std::exchange(issued_, nullptr);
}

// Puts a granted task off until what it follows on streams is done, as far as its own stream, if it
// has one, cannot wait for that by itself. True when it will come back by ready().
bool DynamicEngine::await_streams(Task& task) noexcept {
  const Stream* const stream = task.on_stream ? task.extras().issued->stream : nullptr;
  while (Issued* before = first_to_await(task, stream)) {
    if (puts_off()) {
      if (before->await(task)) return true;
    } else {
      for (Spin spin; !before->is_done();) {
        if (!spin.again()) park(before, [&] { return before->is_done(); });
      }
    }
  }
  return false;
}

void DynamicEngine::await_streams_of_waiter(Task& waiter) {
  while (Issued* before = first_to_await(waiter, nullptr)) {
    waiter.missing.store(1, std::memory_order_relaxed);  // published with the waiter
    if (!before->await(waiter)) continue;
    wait_until(&waiter, [&] { return waiter.missing.load(std::memory_order_acquire) == 0; });
  }
}

// The error that a granted task on the host inherits from tasks on streams, counted, or null. All
// that it follows is done.
ErrorRecord* DynamicEngine::take_stream_error(Task& task) noexcept {
  ErrorRecord* const error = issued_error(task);
  if (error != nullptr) error->retain();
  drop_followed(task);
  return error;
}

// Queues the work of a granted task and gives its variables back at once. A task that is skipped is
// issued too, without work: what comes after it must still come after what it follows.
AsyncToken* DynamicEngine::issue(Task& task, TaskList& ready) noexcept {
  Issued& issued = *task.extras().issued;
  AsyncToken* const token = issued.token;
  Stream& stream = *issued.stream;
  on_streams_.fetch_add(1, std::memory_order_relaxed);
  if (ErrorRecord* error = inherited_error(task)) {
    error->retain();
    issued.error = error;
  } else {
    issued.error = refuse(task);
  }
  issued.retain();  // for stream_done
  if (task.profile_id() != 0 && profiling()) token->started = profile_now();
  {
    std::lock_guard lock(stream.issue_mutex());
    follow_on_stream(task, issued);
    if (issued.error == nullptr) {
      stream.gate({&is_spoiled, &issued});
      try {
        TaskFrame frame(task, *this);
        task.operations->invoke(task.closure());
      } catch (...) {
        issued.error = keep_error(task, std::current_exception());
      }
    }
    issued.event = stream.finish({&on_done, &issued});
  }
  mark_epochs(task, issued);
  release_profiled(task, task.profile_id(), ready);
  task.own_extras().is_issued = true;
  if (task.extras().ends_at_issue) {
    TaskFrame frame(task, *this, true);
    destroy_body(task);
  }
  token->step();
  return token;
}

void DynamicEngine::stream_done(Issued& issued, std::exception_ptr thrown) noexcept {
  AsyncToken* const token = issued.token;
  if (thrown != nullptr && issued.error == nullptr) {
    issued.error = keep_error(*token->task, std::move(thrown));
  }
  for (uint32_t i = 0; i < issued.value_count; ++i) {
    Issued* const before = issued.values()[i];
    if (issued.error == nullptr && before->is_done() && before->error != nullptr) {
      before->error->retain();
      issued.error = before->error;
    }
    before->release();
  }
  issued.value_count = 0;
  // Release: the error, and what the work did. Acquire: who waits.
  Task* newest = issued.waiting.exchange(all_done, std::memory_order_acq_rel);
  Task* oldest = nullptr;
  while (newest != nullptr) {
    Task* const next = newest->next;
    newest->next = oldest;
    oldest = std::exchange(newest, next);
  }
  TaskList ready;
  while (oldest != nullptr) {
    Task* const next = oldest->next;
    if (oldest->kind == Task::Kind::waiter) {
      oldest->missing.store(0, std::memory_order_release);
      unpark_all(oldest);  // the waiting thread may have gone on already; only the address counts
    } else {
      ready.push(*oldest);
    }
    oldest = next;
  }
  hand_over(ready);
  unpark_all(&issued);
  token->complete(nullptr);
  token->release();
  issued.release();
}

// The last of a task whose work has ended.
void DynamicEngine::end_issued(Task& task) noexcept {
  if (!task.extras().ends_at_issue) {
    TaskFrame frame(task, *this, true);
    destroy_body(task);
  }
  task.extras().issued->release();
  on_streams_.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace treadle::detail
