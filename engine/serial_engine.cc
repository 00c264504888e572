// The engine that runs every task inside push, in push order: for debugging. Granting, errors and
// waits are those of the threaded engine.
#include <deque>
#include <mutex>
#include <new>
#include <utility>

#include "treadle/device/parking.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/dynamic_engine.h"

namespace treadle::detail {
namespace {

class SerialEngine final : public DynamicEngine {
 public:
  explicit SerialEngine(std::shared_ptr<Pool> pool) : DynamicEngine(std::move(pool)) {}

  EngineKind kind() const override { return EngineKind::serial; }

  // It already stands in `order_`; its turn comes there. Only now: whoever granted the last
  // variable was still busy with the task until this call.
  void ready(Task& task) noexcept override {
    task.may_start.store(true, std::memory_order_release);
    unpark_all(this);
  }

 protected:
  void pushed(Task& task, bool granted) override {
    if (granted) task.may_start.store(true, std::memory_order_relaxed);
    {
      std::lock_guard lock(mutex_);
      order_.push_back(&task);
    }
    // A task that pushes has not ended: what it pushes comes after it. And where another thread is
    // running tasks, it will run this one too.
    if (!in_task() && !run_all()) unpark_all(this);
  }

  void wait_until(const void* key, FunctionRef<bool()> done, bool) override {
    const bool inside = in_task();
    for (Spin spin; !done();) {
      if (inside ? run_first() : run_all()) {
        spin.reset();
      } else if (!spin.again()) {
        // Another thread or an outside event has to move first; it may also free a task for us.
        park(key, done, std::chrono::microseconds(1000));
      }
    }
  }

  void quiesce() noexcept override {}
  bool is_running() noexcept override {
    std::lock_guard lock(mutex_);
    return running_ || !order_.empty();
  }

  void after_fork_child() noexcept override {
    DynamicEngine::after_fork_child();
    ::new (&mutex_) std::mutex;
    ::new (&order_) std::deque<Task*>;  // what was queued belongs to the parent
    running_ = false;
  }

 private:
  // Runs what is queued, in order, unless another thread is doing so; whether it ran any.
  bool run_all() {
    {
      std::lock_guard lock(mutex_);
      if (running_ || order_.empty()) return false;
      running_ = true;
    }
    for (Spin spin;;) {
      if (run_first()) {
        spin.reset();
        continue;
      }
      {
        std::lock_guard lock(mutex_);
        if (order_.empty()) {
          running_ = false;
          break;
        }
      }
      // Another engine's task or a thread's wait holds a variable of all that is queued.
      if (!spin.again()) park(this, [&] { return first_that_may_start() != nullptr; });
    }
    wake_drains();
    return true;
  }

  // The first in order: with one thread that pushes, the oldest. Later ones only where an older one
  // depends on a task that is still under way, on the task that waits here itself for instance.
  bool run_first() {
    Task* task = first_that_may_start(true);
    if (task != nullptr) run(*task);
    return task != nullptr;
  }

  Task* first_that_may_start(bool take = false) {
    std::lock_guard lock(mutex_);
    for (auto next = order_.begin(); next != order_.end(); ++next) {
      Task* task = *next;
      if (!task->may_start.load(std::memory_order_acquire)) continue;
      if (take) order_.erase(next);
      return task;
    }
    return nullptr;
  }

  void run(Task& task) {
    TaskList made_ready;
    AsyncToken* token = execute(task, made_ready);
    TaskList mine = own(made_ready);
    while (Task* next = mine.pop()) ready(*next);
    if (token == nullptr) return;
    for (Spin spin; !token->ended.load(std::memory_order_acquire);) {
      if (!spin.again()) {
        park(token, [&] { return token->ended.load(std::memory_order_acquire); });
      }
    }
    token->release();
  }

  std::mutex mutex_;
  std::deque<Task*> order_;  // pushed and not started; guarded by mutex_
  bool running_ = false;     // a thread is inside run_all; guarded by mutex_
};

}  // namespace

std::shared_ptr<DynamicEngine> make_serial_engine(std::shared_ptr<Pool> pool) {
  return own_engine(new SerialEngine(std::move(pool)));
}

}  // namespace treadle::detail
