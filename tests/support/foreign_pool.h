// A pool as an embedding program may bring it: a lock, a list of jobs and some threads.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "treadle/device/pool.h"

namespace treadle::testing {

class ForeignPool final : public Pool {
 public:
  explicit ForeignPool(int threads, int width = 0) : width_(width == 0 ? threads : width) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { serve(); });
  }
  ~ForeignPool() override {
    {
      std::lock_guard lock(mutex_);
      stops_ = true;
    }
    work_.notify_all();
    for (std::thread& t : threads_) t.join();
  }

  void submit(Job job) override {
    {
      std::lock_guard lock(mutex_);
      jobs_.push_back(job);
    }
    work_.notify_one();
  }
  int concurrency() const override { return int(threads_.size()); }
  int kernel_width() const override { return width_; }
  bool in_worker() const override { return inside() == this; }
  bool help_one() override {
    Job job;
    {
      std::lock_guard lock(mutex_);
      if (jobs_.empty()) return false;
      job = jobs_.front();
      jobs_.pop_front();
    }
    run(job);
    return true;
  }

 protected:
  // Pieces wait for nothing, so the caller may do all that nobody has begun.
  void run_chunks(int64_t count, FunctionRef<void(int64_t)> piece) override {
    struct Loop {
      FunctionRef<void(int64_t)> piece;
      const int64_t count;
      std::mutex mutex{};
      std::condition_variable ended{};
      int64_t next = 0, done = 0;
      std::exception_ptr error = nullptr;
      void work() {
        std::unique_lock lock(mutex);
        while (next < count) {
          const int64_t mine = next++;
          lock.unlock();
          std::exception_ptr thrown;
          try {
            piece(mine);
          } catch (...) {
            thrown = std::current_exception();
          }
          lock.lock();
          if (thrown != nullptr && error == nullptr) error = thrown;
          if (++done == count) ended.notify_all();
        }
      }
    };
    const std::shared_ptr<Loop> loop(new Loop{piece, count});
    for (int i = 1; i < concurrency(); ++i) {
      submit({[](void* data) noexcept {
                const std::unique_ptr<std::shared_ptr<Loop>> loop(
                    static_cast<std::shared_ptr<Loop>*>(data));
                (*loop)->work();
              },
              new std::shared_ptr<Loop>(loop)});
    }
    loop->work();
    std::unique_lock lock(loop->mutex);
    loop->ended.wait(lock, [&] { return loop->done == count; });
    if (loop->error != nullptr) std::rethrow_exception(loop->error);
  }

 private:
  static const ForeignPool*& inside() {
    static thread_local const ForeignPool* pool = nullptr;
    return pool;
  }
  void run(Job job) {
    const ForeignPool* const outer = std::exchange(inside(), this);
    job.run(job.data);
    inside() = outer;
  }
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [&] { return stops_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const Job job = jobs_.front();
      jobs_.pop_front();
      lock.unlock();
      run(job);
      lock.lock();
    }
  }

  const int width_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Job> jobs_;
  bool stops_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace treadle::testing
