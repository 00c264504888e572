// The engines that run one task at a time: `serial` inside push, in push order, for debugging, and
// `replay` in a legal order drawn from a seed, to find and to repeat faults of order. Granting,
// errors and waits are those of the threaded engine.
#include <algorithm>
#include <mutex>
#include <new>
#include <random>
#include <utility>
#include <vector>

#include "treadle/device/parking.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/dynamic_engine.h"

namespace treadle::detail {
namespace {

// What was pushed and has not started, in push order.
class PushOrder {
 public:
  static constexpr EngineKind kind = EngineKind::serial;

  explicit PushOrder(uint64_t) {}

  void make_room(size_t) {
    if (order_.size() + ++reserved_ <= order_.capacity()) return;
    order_.erase(order_.begin(), order_.begin() + std::ptrdiff_t(first_));
    first_ = 0;
    order_.reserve(std::max(order_.size() + reserved_, order_.capacity() * 2));
  }
  void add(Task& task, bool granted) noexcept {
    --reserved_;
    if (granted) task.may_start.store(true, std::memory_order_relaxed);
    order_.push_back(&task);
  }
  void ready(Task& task) noexcept {
    if (task.kind >= Task::Kind::graph_node) {
      of_graphs_.push(task);
    } else {
      task.may_start.store(true, std::memory_order_release);
    }
  }
  // The first that may start: with one thread that pushes, the oldest. Later ones only where an
  // older one depends on a task that is still under way, on one that waits itself for instance.
  Task* take() noexcept {
    if (Task* task = of_graphs_.pop()) return task;
    const auto next =
        std::find_if(order_.begin() + std::ptrdiff_t(first_), order_.end(), may_start);
    if (next == order_.end()) return nullptr;
    Task* task = *next;
    if (next == order_.begin() + std::ptrdiff_t(first_)) {
      ++first_;
    } else {
      order_.erase(next);
    }
    if (first_ == order_.size()) {
      order_.clear();
      first_ = 0;
    }
    return task;
  }
  bool has_ready() const noexcept {
    return !of_graphs_.empty() ||
           std::any_of(order_.begin() + std::ptrdiff_t(first_), order_.end(), may_start);
  }
  bool empty() const noexcept { return of_graphs_.empty() && first_ == order_.size(); }

 private:
  static bool may_start(const Task* task) {
    return task->may_start.load(std::memory_order_acquire);
  }

  std::vector<Task*> order_;  // from first_ on
  size_t first_ = 0;
  size_t reserved_ = 0;  // pushes under way that have room here
  TaskList of_graphs_;   // nodes, which stand in no order of their own; they are ready
};

// What is ready.
class RandomOrder {
 public:
  static constexpr EngineKind kind = EngineKind::replay;

  explicit RandomOrder(uint64_t seed) : random_(seed) {}

  void make_room(size_t tasks) {
    if (expected_ + tasks > ready_.capacity()) {
      ready_.reserve(std::max(expected_ + tasks, ready_.capacity() * 2));
    }
    expected_ += tasks;
  }
  void add(Task& task, bool granted) noexcept {
    if (granted) ready_.push_back(&task);
  }
  void ready(Task& task) noexcept { ready_.push_back(&task); }
  Task* take() noexcept {
    if (ready_.empty()) return nullptr;
    --expected_;
    std::swap(ready_[below(ready_.size())], ready_.back());
    Task* task = ready_.back();
    ready_.pop_back();
    return task;
  }
  bool has_ready() const noexcept { return !ready_.empty(); }
  bool empty() const noexcept { return ready_.empty(); }
  size_t below(size_t n) noexcept { return size_t(random_() % n); }

 private:
  std::vector<Task*> ready_;
  size_t expected_ = 0;  // pushed and not started: there is room for all of them
  std::mt19937_64 random_;
};

template <class Order>
class OneThreadEngine final : public DynamicEngine {
 public:
  explicit OneThreadEngine(const EngineOptions& options)
      : DynamicEngine(options), seed_(options.seed), order_(options.seed) {}

  EngineKind kind() const override { return Order::kind; }

  // A task of the serial engine already stands in its order and may start only now: whoever granted
  // the last variable was still busy with it until this call.
  void ready(Task& task) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      order_.ready(task);
    }
    unpark_all(this);
  }

 protected:
  void make_room(size_t tasks) override {
    const std::lock_guard lock(mutex_);
    order_.make_room(tasks);
  }

  void pushed(Task& task, bool granted) override {
    size_t steps = 0;
    {
      const std::lock_guard lock(mutex_);
      order_.add(task, granted);
      // So that what waits is sometimes short and sometimes long.
      if constexpr (Order::kind == EngineKind::replay) steps = order_.below(3);
    }
    // A task that pushes has not ended: what it pushes comes after it.
    if (in_task()) return;
    if constexpr (Order::kind == EngineKind::replay) {
      while (steps > 0 && run_one(false)) --steps;
    } else if (!run_all([] { return false; })) {
      unpark_all(this);  // another thread is running tasks, and will run this one too
    }
  }

  using DynamicEngine::wait_until;
  void wait_until(const void* key, FunctionRef<bool()> done, std::chrono::microseconds,
                  Interruption& interruption) override {
    const bool inside = in_task();
    const auto over = [&] { return done() || interruption.comes(); };
    for (Spin spin; !over();) {
      if (inside || Order::kind == EngineKind::replay ? run_one(inside) : run_all(over)) {
        spin.reset();
      } else if (!spin.again()) {
        // Another thread or an outside event has to move first; it may also free a task for us.
        park(key, done, std::chrono::microseconds(1000));
      }
    }
  }

  // A thread that stopped running tasks since it had what it waited for has left some.
  void wait_released() override {
    if (Order::kind == EngineKind::serial && !in_task()) run_all([] { return false; });
  }

  void quiesce() noexcept override {}
  bool is_running() noexcept override {
    const std::lock_guard lock(mutex_);
    return running_ || !order_.empty();
  }

  void after_fork_child() noexcept override {
    DynamicEngine::after_fork_child();
    ::new (&mutex_) std::mutex;
    ::new (&order_) Order(seed_);  // what was queued belongs to the parent
    running_ = false;
  }

 private:
  // Runs a task that may start, unless another thread is running some; whether it did. A thread
  // inside a task is the one that runs them.
  bool run_one(bool inside) {
    Task* task = nullptr;
    {
      const std::lock_guard lock(mutex_);
      if (running_ && !inside) return false;
      task = order_.take();
      if (task == nullptr) return false;
      if (!inside) running_ = true;
    }
    run(*task);
    if (!inside) {
      {
        const std::lock_guard lock(mutex_);
        running_ = false;
      }
      wake_drains();
    }
    return true;
  }

  // Runs what is queued, in order, unless another thread is doing so; whether it ran any. Where
  // nothing may start, it stops as soon as the thread has what it waits for: that may be what all
  // the others are waiting for.
  bool run_all(FunctionRef<bool()> done) {
    {
      const std::lock_guard lock(mutex_);
      if (running_ || order_.empty()) return false;
      running_ = true;
    }
    for (Spin spin;;) {
      Task* task = nullptr;
      {
        const std::lock_guard lock(mutex_);
        task = order_.take();
        if (task == nullptr && order_.empty()) {
          running_ = false;
          break;
        }
      }
      if (task != nullptr) {
        run(*task);
        spin.reset();
      } else if (done()) {
        const std::lock_guard lock(mutex_);
        running_ = false;
        break;
      } else if (!spin.again()) {
        // Another engine's task or a thread's wait holds a variable of all that is queued.
        park(
            this,
            [&] {
              const std::lock_guard lock(mutex_);
              return order_.has_ready();
            },
            std::chrono::microseconds(1000));
      }
    }
    wake_drains();
    return true;
  }

  void run(Task& task) {
    TaskList made_ready;
    AsyncToken* token = execute(task, made_ready);
    hand_over(made_ready);
    if (token == nullptr) return;
    // In serial order nothing starts before this has ended.
    for (Spin spin; Order::kind == EngineKind::serial && !has_ended(*token);) {
      if (!spin.again()) park(token, [&] { return has_ended(*token); });
    }
    token->release();
  }

  static bool has_ended(const AsyncToken& token) {
    return token.ended.load(std::memory_order_acquire);
  }

  const uint64_t seed_;
  std::mutex mutex_;
  Order order_;           // guarded by mutex_
  bool running_ = false;  // a thread is running a task; guarded by mutex_
};

}  // namespace

std::shared_ptr<DynamicEngine> make_serial_engine(const EngineOptions& options) {
  return own_engine(new OneThreadEngine<PushOrder>(options));
}

std::shared_ptr<DynamicEngine> make_replay_engine(const EngineOptions& options) {
  return own_engine(new OneThreadEngine<RandomOrder>(options));
}

}  // namespace treadle::detail
