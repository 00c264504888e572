// The pool on oneTBB: jobs and the kernels' parallel loops share one arena.
#ifdef TREADLE_POOL_TBB

#include <tbb/global_control.h>
#include <tbb/info.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <utility>

#include "treadle/device/fork.h"
#include "treadle/device/job_queue.h"
#include "treadle/device/onetbb_use.h"
#include "treadle/device/parking.h"
#include "treadle/device/pool.h"
#include "treadle/device/pool_options.h"

namespace treadle {
namespace {

using detail::OneTbbUse;

// oneTBB never has more workers than this in the process, whatever its arenas ask for; the least
// of all living controls counts, so there is one for all pools, and it only grows.
void allow_workers(int workers) {
  static std::mutex& mutex = *new std::mutex;
  static std::optional<tbb::global_control>& control = *new std::optional<tbb::global_control>;
  static size_t allowed = size_t(tbb::info::default_concurrency());
  std::lock_guard lock(mutex);
  const size_t needed = size_t(workers) + 1;  // the count includes the thread that asks
  if (needed <= allowed) return;
  control.reset();
  control.emplace(tbb::global_control::max_allowed_parallelism, needed);
  allowed = needed;
}

class TbbPool;
thread_local const TbbPool* member_of = nullptr;

class TbbPool final : public Pool, ForkAware {
 public:
  explicit TbbPool(PoolOptions options)
      : options_(detail::resolve(options)),
        arena_(std::make_unique<tbb::task_arena>(options_.concurrency, 0)) {
    const OneTbbUse use;
    allow_workers(options_.concurrency);
  }

  ~TbbPool() override {
    if (instead_ != nullptr) {
      (void)arena_.release();
    } else if (!in_worker()) {
      park(&tickets_, [this] { return tickets_.load(std::memory_order_acquire) == 0; });
      const OneTbbUse use;
      arena_.reset();
    }
  }

  int concurrency() const override { return options_.concurrency; }
  int kernel_width() const override { return options_.kernel_width; }
  bool hosts_onetbb() const override { return instead_ == nullptr; }
  bool in_worker() const override {
    return instead_ != nullptr ? instead_->in_worker() : member_of == this;
  }

  // oneTBB cannot be asked to run an enqueued task here and now, so it only gets tickets: each
  // worker that finds one takes the oldest job, unless a helping thread has been faster.
  void submit(Job job) override {
    if (instead_ != nullptr) return instead_->submit(job);
    jobs_.push(job);
    tickets_.fetch_add(1, std::memory_order_relaxed);
    try {
      const OneTbbUse use;
      arena_->enqueue([this] {
        OneTbbUse::this_is_worker();
        help_one();
        // The pool may go as soon as this is the last; its address is only compared then.
        const void* const key = &tickets_;
        if (tickets_.fetch_sub(1, std::memory_order_acq_rel) == 1) unpark_all(key);
      });
    } catch (...) {
      tickets_.fetch_sub(1, std::memory_order_relaxed);
      if (!jobs_.withdraw(job)) return;  // a helping thread has it already
      throw;
    }
  }

  bool help_one() override {
    if (instead_ != nullptr) return instead_->help_one();
    Job job;
    if (!jobs_.pop(job)) return false;
    run(job);
    return true;
  }

  void enter(FunctionRef<void()> body) override {
    if (instead_ != nullptr) return instead_->enter(body);
    if (member_of == this) return body();
    const OneTbbUse use;
    arena_->execute([&] {
      const TbbPool* outer = std::exchange(member_of, this);
      const Restore restore{outer};
      body();
    });
  }

 protected:
  void run_chunks(int64_t count, FunctionRef<void(int64_t)> piece) override {
    if (instead_ != nullptr) {
      return instead_->parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) piece(i);
      });
    }
    // Isolated: a thread that waits for the last piece must not take up a queued job that may be
    // long, or wait in turn for what this thread holds.
    const auto loop = [&] {
      tbb::this_task_arena::isolate([&] {
        tbb::parallel_for(
            int64_t(0), count,
            [&](int64_t i) {
              const Restore restore{std::exchange(member_of, this)};
              piece(i);
            },
            tbb::simple_partitioner());
      });
    };
    if (member_of == this) {
      loop();
    } else {
      const OneTbbUse use;
      arena_->execute(loop);
    }
  }

 private:
  struct Restore {
    const TbbPool* outer;
    ~Restore() { member_of = outer; }
  };

  void run(Job job) {
    const OneTbbUse use;  // what runs may cut its loops for the arena
    const Restore restore{std::exchange(member_of, this)};
    job.run(job.data);
  }

  // In the child of a fork oneTBB's arenas never run enqueued work, and its destructors may wait
  // for threads that are not there: neither is touched again.
  void after_fork_child() noexcept override {
    if (instead_ == nullptr) instead_ = make_thread_pool(options_);
    ::new (&jobs_) JobQueue;
  }

  const PoolOptions options_;
  JobQueue jobs_;
  std::atomic<int> tickets_{0};  // enqueued and not yet over; the destructor waits for them
  std::unique_ptr<tbb::task_arena> arena_;
  std::shared_ptr<Pool> instead_;  // set in a forked child only
};

}  // namespace

// One thread needs nobody to share work with, and oneTBB's would go on looking for some, beside the
// thread that waits and does the work itself.
std::shared_ptr<Pool> make_pool(PoolOptions options) {
  if (detail::resolve(options).concurrency == 1) return make_thread_pool(options);
  return std::make_shared<TbbPool>(options);
}

}  // namespace treadle

#endif  // TREADLE_POOL_TBB
