// The one small interface behind which all threads of the library stand: oneTBB, the
// instrumentable std::thread pool, and an embedding program's own.
#pragma once

#include <cstdint>
#include <memory>

#include "treadle/core/function_ref.h"

namespace treadle {

// A piece of work: `run(data)`, once, on any thread of the pool. Owns nothing.
struct Job {
  void (*run)(void*) noexcept = nullptr;
  void* data = nullptr;
};

// How [begin, end) is cut for `width` threads: a function of its arguments alone, so that a kernel
// that reduces per chunk gives the same bits whatever the schedule.
class Chunks {
 public:
  Chunks(int64_t begin, int64_t end, int64_t grain, int width);

  // 0 for an empty range; 1 when the range is no larger than the grain.
  int64_t count() const { return count_; }
  int64_t begin(int64_t chunk) const {
    // As unsigned, where the distance of two int64 always fits.
    return int64_t(uint64_t(begin_) + uint64_t(chunk) * uint64_t(size_) +
                   uint64_t(chunk < longer_ ? chunk : longer_));
  }
  int64_t end(int64_t chunk) const { return begin(chunk + 1); }

 private:
  int64_t begin_ = 0;
  int64_t count_ = 0;
  int64_t size_ = 0;
  int64_t longer_ = 0;  // the first `longer_` chunks have one element more
};

// A set of worker threads. An embedding program brings its own by deriving from it; what must be
// written then is {submit, run_chunks, concurrency, in_worker, help_one}.
class Pool {
 public:
  Pool() = default;
  virtual ~Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // Queues `job` for a worker. Never runs it inside the call. Throws only when memory is out.
  virtual void submit(Job job) = 0;

  // Calls body(b, e) for consecutive pieces that cover [begin, end), cut as `Chunks` says, and
  // returns when all have ended. In order on this thread when there is one piece; otherwise pieces
  // run on several threads, and while it waits the caller takes up no other work. The first
  // exception of a piece is rethrown here. May be called from anywhere, also inside a piece.
  void parallel_for(int64_t begin, int64_t end, int64_t grain,
                    FunctionRef<void(int64_t, int64_t)> body);

  // The most threads of this pool that run at the same time.
  virtual int concurrency() const = 0;
  // For how many threads parallel loops are cut; fixed for the life of the pool.
  virtual int kernel_width() const { return concurrency(); }
  // Whether the calling thread is running a job or a piece of a loop of this pool.
  virtual bool in_worker() const = 0;

  // Runs one queued job on this thread; false when none waits.
  virtual bool help_one() = 0;
  // Runs jobs on this thread until done() is true; spins for a bounded time when there are none,
  // then sleeps until `notify`. done() must be cheap and free of side effects.
  void help_until(FunctionRef<bool()> done);
  // Wakes threads inside `help_until` to look again; call it after making their condition true.
  void notify();

  // Runs `body` on this thread as a member of the pool where there is room for one more, else on a
  // worker while this thread waits; parallel loops inside it then start without a hand-over.
  virtual void enter(FunctionRef<void()> body) { body(); }
  // Whether the loops of a library built on oneTBB, started by a member, run on this pool's
  // threads; where they would not, such a library has to be kept on the calling thread.
  virtual bool hosts_onetbb() const { return false; }

 protected:
  // Calls piece(i) once for each i in [0, count), count >= 2, on any threads of the pool and the
  // calling one; returns when all have ended and rethrows the first exception.
  virtual void run_chunks(int64_t count, FunctionRef<void(int64_t)> piece) = 0;
};

struct PoolOptions {
  // Worker threads; 0: TREADLE_NUM_THREADS, else MXNET_CPU_WORKER_NTHREADS, else OMP_NUM_THREADS,
  // else the processors this process may use.
  int concurrency = 0;
  // Threads that parallel loops are cut for; 0: the concurrency.
  int kernel_width = 0;
};

// A pool of std::thread workers, all of whose synchronisation a sanitizer can see.
std::shared_ptr<Pool> make_thread_pool(PoolOptions options = {});
// A pool on its own oneTBB arena; a thread pool where the library is built without oneTBB.
std::shared_ptr<Pool> make_pool(PoolOptions options = {});

// The process's pool, made on first use; no thread starts before. A forked child gets a new one.
const std::shared_ptr<Pool>& default_pool();
// Replaces it for what is made afterwards; returns the old one.
std::shared_ptr<Pool> set_default_pool(std::shared_ptr<Pool> pool);

}  // namespace treadle
