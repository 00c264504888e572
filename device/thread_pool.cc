// The pool on std::thread: what the tsan preset, builds without oneTBB and forked children use.
#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "treadle/device/fork.h"
#include "treadle/device/job_queue.h"
#include "treadle/device/parking.h"
#include "treadle/device/pool.h"
#include "treadle/device/pool_options.h"

namespace treadle {
namespace {

// One parallel loop; lives on the stack of the thread that called it.
struct Loop {
  FunctionRef<void(int64_t)> piece;
  const int64_t count;
  std::atomic<int64_t> next{0};
  // Of the piece with the lowest number among those that threw; guarded by the pool's mutex.
  std::exception_ptr error = nullptr;
  int64_t error_piece = 0;
  // Workers inside; guarded by the pool's mutex, zero before the caller may return.
  int helpers = 0;

  bool has_work() const { return next.load(std::memory_order_relaxed) < count; }
};

// What a fork leaves behind in the child is replaced as a whole.
struct Workers {
  std::mutex mutex;
  std::condition_variable work;    // something to do, or `stopping`
  std::condition_variable helped;  // a loop has lost its last helper
  std::vector<Loop*> loops;        // unfinished, innermost last
  JobQueue jobs;
  std::atomic<int> open_loops{0};  // loops.size(), readable without the mutex
  std::vector<std::thread> threads;
  int sleeping = 0;
  bool stopping = false;
};

class ThreadPool;
thread_local const ThreadPool* member_of = nullptr;

class ThreadPool final : public Pool, ForkAware {
 public:
  explicit ThreadPool(PoolOptions options) : options_(detail::resolve(options)) {}

  ~ThreadPool() override {
    {
      std::lock_guard lock(workers_->mutex);
      workers_->stopping = true;
    }
    workers_->work.notify_all();
    for (std::thread& t : workers_->threads) t.join();
    delete workers_;
  }

  int concurrency() const override { return options_.concurrency; }
  int kernel_width() const override { return options_.kernel_width; }
  bool in_worker() const override { return member_of == this; }

  void submit(Job job) override {
    workers_->jobs.push(job);
    std::lock_guard lock(workers_->mutex);
    wake(1);
  }

  bool help_one() override {
    Job job;
    if (!workers_->jobs.pop(job)) return false;
    run(job);
    return true;
  }

 protected:
  void run_chunks(int64_t count, FunctionRef<void(int64_t)> piece) override {
    Loop loop{piece, count};
    Workers& w = *workers_;
    {
      std::lock_guard lock(w.mutex);
      w.loops.push_back(&loop);
      w.open_loops.store(int(w.loops.size()), std::memory_order_relaxed);
      wake(int(std::min<int64_t>(count - 1, concurrency() - 1)));
    }
    work_on(loop);
    std::unique_lock lock(w.mutex);
    std::erase(w.loops, &loop);
    w.open_loops.store(int(w.loops.size()), std::memory_order_relaxed);
    w.helped.wait(lock, [&] { return loop.helpers == 0; });
    if (loop.error != nullptr) std::rethrow_exception(loop.error);
  }

 private:
  void run(Job job) {
    const ThreadPool* outer = std::exchange(member_of, this);
    job.run(job.data);
    member_of = outer;
  }

  void work_on(Loop& loop) {
    const ThreadPool* outer = std::exchange(member_of, this);
    for (int64_t i; (i = loop.next.fetch_add(1, std::memory_order_relaxed)) < loop.count;) {
      try {
        loop.piece(i);
      } catch (...) {
        loop.next.store(loop.count, std::memory_order_relaxed);
        std::lock_guard lock(workers_->mutex);
        if (loop.error == nullptr || i < loop.error_piece) {
          loop.error = std::current_exception();
          loop.error_piece = i;
        }
      }
    }
    member_of = outer;
  }

  // Sees to it that `count` more workers look for work, and starts them on first use. Under the
  // mutex.
  void wake(int count) {
    Workers& w = *workers_;
    while (int(w.threads.size()) < concurrency()) w.threads.emplace_back([this] { serve(); });
    // Each notification reaches another waiting thread; those that are awake look again by
    // themselves before they wait.
    for (int i = 0; i < count && w.sleeping > 0; ++i) w.work.notify_one();
  }

  void serve() {
    Workers& w = *workers_;
    std::unique_lock lock(w.mutex);
    while (true) {
      const auto open = std::find_if(w.loops.rbegin(), w.loops.rend(),
                                     [](const Loop* l) { return l->has_work(); });
      if (open != w.loops.rend()) {
        Loop& loop = **open;
        ++loop.helpers;
        lock.unlock();
        work_on(loop);
        lock.lock();
        if (--loop.helpers == 0) w.helped.notify_all();
        continue;
      }
      Job job;
      if (w.jobs.pop(job)) {
        lock.unlock();
        run(job);
        lock.lock();
        continue;
      }
      if (w.stopping) return;
      lock.unlock();
      for (Spin spin; w.jobs.empty() && w.open_loops.load(std::memory_order_relaxed) == 0;) {
        if (!spin.again()) break;
      }
      lock.lock();
      ++w.sleeping;
      w.work.wait(lock, [&] {
        return w.stopping || !w.jobs.empty() ||
               std::any_of(w.loops.begin(), w.loops.end(),
                           [](const Loop* l) { return l->has_work(); });
      });
      --w.sleeping;
    }
  }

  // The threads are gone, and so may be any consistency of what they held: let it lie.
  void after_fork_child() noexcept override { workers_ = new Workers; }

  const PoolOptions options_;
  Workers* workers_ = new Workers;
};

}  // namespace

std::shared_ptr<Pool> make_thread_pool(PoolOptions options) {
  return std::make_shared<ThreadPool>(options);
}

}  // namespace treadle
