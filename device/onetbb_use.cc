#ifdef TREADLE_POOL_TBB

#include "treadle/device/onetbb_use.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

#include "treadle/device/fork.h"

namespace treadle::detail {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds time_to_finish{1000};
// Longer than a worker looks for work before it sleeps. Threads that are not known here, which may
// be workers, are waited for too, and the program may have some that never sleep.
constexpr std::chrono::milliseconds time_to_sleep{20};

struct Visitor {
  pid_t thread = gettid();
  std::atomic<bool> is_inside{false};
  std::atomic<bool> is_worker{false};
  int depth = 0;
};

Visitor& this_visitor();

// Whether the thread of this process with that number waits in the kernel. By the state letter that
// follows the thread's name in parentheses; a thread that has ended waits too.
bool sleeps(pid_t thread) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/self/task/%d/stat", int(thread));
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return true;
  char text[128];
  const ssize_t count = read(file, text, sizeof(text) - 1);
  close(file);
  if (count <= 0) return true;
  text[count] = '\0';
  const char* const name_end = std::strrchr(text, ')');
  return name_end == nullptr || name_end[1] == '\0' || name_end[2] == 'S';
}

template <class Condition>
bool wait_for(std::chrono::milliseconds at_most, Condition condition) {
  const auto limit = steady_clock::now() + at_most;
  while (!condition()) {
    if (steady_clock::now() > limit) return false;
    std::this_thread::yield();
  }
  return true;
}

// Not a lock but an agreement between threads that come often and forks that are rare: each
// announces itself first and looks for the other second, both in the one order of seq_cst.
class Gate : ForkAware {
 public:
  static Gate& instance() {
    static Gate& gate = *new Gate;  // threads come until the process ends
    return gate;
  }

  void enter(Visitor& visitor) {
    for (;;) {
      visitor.is_inside.store(true);
      if (!is_closed_.load()) return;
      visitor.is_inside.store(false);
      is_closed_.wait(true);
    }
  }

  void add(Visitor* visitor) {
    std::lock_guard guard(mutex_);
    visitors_.push_back(visitor);
  }
  void remove(Visitor* visitor) {
    std::lock_guard guard(mutex_);
    std::erase(visitors_, visitor);
  }

 private:
  // The handlers before a fork run from the newest to the oldest. The registry's, which takes the
  // locks that whoever is inside may need in order to finish, is older: this is ForkAware itself.
  Gate() { pthread_atfork(&before, &after_parent, nullptr); }

  static void before() { instance().close(); }
  static void after_parent() { instance().open(); }

  void close() {
    is_closed_.store(true);
    const Visitor* const self = &this_visitor();
    const bool is_empty = wait_for(time_to_finish, [&] {
      return !any([&](const Visitor& v) { return &v != self && v.is_inside.load(); });
    });
    if (is_empty) wait_for(time_to_sleep, [&] { return workers_sleep(); });
    mutex_.lock();  // whole in the child
  }

  // Whether all threads sleep but this one and those that are known to be no workers.
  bool workers_sleep() {
    DIR* const threads = opendir("/proc/self/task");
    if (threads == nullptr) return true;
    bool result = true;
    while (const dirent* const entry = result ? readdir(threads) : nullptr) {
      const pid_t thread = pid_t(std::strtol(entry->d_name, nullptr, 10));  // 0: "." and ".."
      const bool is_other = thread == 0 || thread == gettid() || any([thread](const Visitor& v) {
                              return v.thread == thread && !v.is_worker.load();
                            });
      result = is_other || sleeps(thread);
    }
    closedir(threads);
    return result;
  }

  void open() {
    mutex_.unlock();
    is_closed_.store(false);
    is_closed_.notify_all();
  }

  void after_fork_child() noexcept override {
    Visitor* const self = &this_visitor();
    visitors_.assign(1, self);
    self->thread = gettid();
    self->is_worker.store(false);
    open();
  }

  template <class Condition>
  bool any(Condition condition) {
    std::lock_guard guard(mutex_);
    for (const Visitor* visitor : visitors_) {
      if (condition(*visitor)) return true;
    }
    return false;
  }

  std::atomic<bool> is_closed_{false};
  std::mutex mutex_;
  std::vector<Visitor*> visitors_;
};

// Known while its thread lives. The visitor itself has nothing to destroy: static objects may visit
// after the main thread's own ones are gone.
Visitor& this_visitor() {
  static thread_local Visitor visitor;
  struct Known {
    Known() { Gate::instance().add(&visitor); }
    ~Known() { Gate::instance().remove(&visitor); }
  };
  static thread_local const Known known;
  return visitor;
}

}  // namespace

OneTbbUse::OneTbbUse() {
  Visitor& visitor = this_visitor();
  if (visitor.depth++ == 0) Gate::instance().enter(visitor);
}

OneTbbUse::~OneTbbUse() {
  Visitor& visitor = this_visitor();
  if (--visitor.depth == 0) visitor.is_inside.store(false, std::memory_order_release);
}

void OneTbbUse::this_is_worker() { this_visitor().is_worker.store(true); }

}  // namespace treadle::detail

#endif  // TREADLE_POOL_TBB
