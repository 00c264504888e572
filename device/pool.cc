#include "treadle/device/pool.h"

#include <algorithm>
#include <mutex>
#include <new>
#include <utility>

#include "treadle/device/fork.h"
#include "treadle/device/parking.h"

namespace treadle {

Chunks::Chunks(int64_t begin, int64_t end, int64_t grain, int width) : begin_(begin) {
  if (end <= begin) return;
  // As unsigned, since the distance of two int64 need not be one.
  const uint64_t size = uint64_t(end) - uint64_t(begin);
  const uint64_t least = uint64_t(std::max<int64_t>(grain, 1));
  // A few pieces per thread even out what the threads do besides; none is smaller than the grain.
  const uint64_t most = uint64_t(std::max(width, 1)) * 4;
  const uint64_t count = std::clamp<uint64_t>(size / least, 1, most);
  count_ = int64_t(count);
  size_ = int64_t(size / count);
  longer_ = int64_t(size % count);
}

void Pool::parallel_for(int64_t begin, int64_t end, int64_t grain,
                        FunctionRef<void(int64_t, int64_t)> body) {
  const Chunks chunks(begin, end, grain, kernel_width());
  if (chunks.count() > 1 && concurrency() > 1) {
    run_chunks(chunks.count(), [&](int64_t i) { body(chunks.begin(i), chunks.end(i)); });
  } else {
    for (int64_t i = 0; i < chunks.count(); ++i) body(chunks.begin(i), chunks.end(i));
  }
}

void Pool::help_until(FunctionRef<bool()> done) {
  Spin spin;
  while (!done()) {
    if (help_one()) {
      spin.reset();
    } else if (!spin.again()) {
      park(this, done);
    }
  }
}

void Pool::notify() { unpark_all(this); }

#ifndef TREADLE_POOL_TBB
std::shared_ptr<Pool> make_pool(PoolOptions options) { return make_thread_pool(options); }
#endif

namespace {

// Never destroyed: a static object of the program may still ask for a pool in its destructor.
struct DefaultPool : ForkAware {
  // The pool itself sees to its threads; only the mutex may be held by a thread that is not there.
  void after_fork_child() noexcept override { ::new (&mutex) std::mutex; }

  std::mutex mutex;
  std::shared_ptr<Pool> pool;
};

DefaultPool& slot() {
  static DefaultPool& instance = *new DefaultPool;
  // Ends the worker threads before the objects they might use go away.
  static const struct Closer {
    ~Closer() { set_default_pool(nullptr); }
  } closer;
  return instance;
}

}  // namespace

const std::shared_ptr<Pool>& default_pool() {
  DefaultPool& s = slot();
  std::lock_guard lock(s.mutex);
  if (s.pool == nullptr) s.pool = make_pool();
  return s.pool;
}

std::shared_ptr<Pool> set_default_pool(std::shared_ptr<Pool> pool) {
  DefaultPool& s = slot();
  std::lock_guard lock(s.mutex);
  return std::exchange(s.pool, std::move(pool));
}

}  // namespace treadle
