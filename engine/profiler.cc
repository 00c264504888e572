#include "treadle/engine/profiler.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <new>

#include "treadle/device/fork.h"
#include "treadle/device/parking.h"
#include "treadle/engine/profile.h"
#include "treadle/engine/task.h"

namespace treadle {
namespace detail {
namespace {

using Clock = std::chrono::steady_clock;

// What one thread has recorded. Its lock is taken by that thread alone but for start and trace.
struct Sheet {
  SpinLock lock;
  uint32_t thread = 0;
  uint64_t session = 0;  // what is here belongs to this start of the profiler
  uint64_t room = 0;     // events that it may still take
  std::vector<TaskEvent> tasks;
  std::vector<TaskDependency> dependencies;
};

struct Book : ForkAware {
  // In the child there is one thread, and nothing is recorded there until it starts the profiler.
  void after_fork_child() noexcept override {
    profile_is_on.store(false, std::memory_order_relaxed);
    ::new (&mutex) std::mutex;
    for (const auto& sheet : sheets) ::new (&sheet->lock) SpinLock;
  }

  std::mutex mutex;  // guards the list
  std::vector<std::unique_ptr<Sheet>> sheets;
  std::atomic<int64_t> began{0};  // of the clock
  std::atomic<uint64_t> session{0};
  std::atomic<uint64_t> next_id{1};
  std::atomic<uint64_t> room{0};
  std::atomic<uint64_t> dropped{0};
};

// Never destroyed: threads may record until the process is gone.
Book& book() {
  static Book& instance = *new Book;
  return instance;
}

int64_t clock_now() noexcept {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch())
      .count();
}

Sheet& my_sheet() {
  static thread_local Sheet* mine = nullptr;
  if (mine == nullptr) {
    Book& b = book();
    const std::lock_guard lock(b.mutex);
    b.sheets.push_back(std::make_unique<Sheet>());
    mine = b.sheets.back().get();
    mine->thread = uint32_t(b.sheets.size() - 1);
  }
  return *mine;
}

// Room for one more event on `sheet`, which fetches it for many at a time while there is plenty.
bool take_room(Book& b, Sheet& sheet) noexcept {
  if (sheet.room == 0) {
    uint64_t left = b.room.load(std::memory_order_relaxed);
    uint64_t some = 0;
    do {
      some = std::clamp<uint64_t>(left / 64, std::min<uint64_t>(left, 1), 256);
    } while (!b.room.compare_exchange_weak(left, left - some, std::memory_order_relaxed));
    sheet.room = some;
  }
  if (sheet.room == 0) {
    b.dropped.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  --sheet.room;
  return true;
}

// Calls add(sheet) on the calling thread's sheet if there is room.
template <class Add>
void record(Add add) noexcept {
  Book& b = book();
  try {
    Sheet& sheet = my_sheet();
    const std::lock_guard lock(sheet.lock);
    const uint64_t session = b.session.load(std::memory_order_relaxed);
    if (sheet.session != session) {
      sheet.session = session;
      sheet.room = 0;
      sheet.tasks.clear();
      sheet.dependencies.clear();
    }
    if (take_room(b, sheet)) add(sheet);
  } catch (const std::bad_alloc&) {
    b.dropped.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace

int64_t profile_now() noexcept {
  return clock_now() - book().began.load(std::memory_order_relaxed);
}

ProfileMark make_mark(uint32_t ids) noexcept {
  return {book().next_id.fetch_add(ids, std::memory_order_relaxed), profile_now()};
}

void record_task(const TaskExtras& task, ProfileMark mark, int64_t start) noexcept {
  const int64_t end = profile_now();
  if (mark.id == 0 || start < 0) return;  // it began before the profiler did
  record([&](Sheet& sheet) {
    sheet.tasks.push_back({mark.id, std::string(task.op, task.op_size),
                           std::string(task.node, task.node_size), task.device, task.lane,
                           sheet.thread, mark.queued, start, end});
  });
}

void record_dependency(uint64_t from, uint64_t to) noexcept {
  if (from == 0 || to == 0) return;
  record([&](Sheet& sheet) { sheet.dependencies.push_back({from, to}); });
}

}  // namespace detail

void Profiler::start(uint64_t most_events) {
  detail::Book& b = detail::book();
  const std::lock_guard lock(b.mutex);
  b.session.fetch_add(1, std::memory_order_relaxed);
  b.room.store(2 * most_events, std::memory_order_relaxed);
  b.dropped.store(0, std::memory_order_relaxed);
  b.began.store(detail::clock_now(), std::memory_order_relaxed);
  detail::profile_is_on.store(true, std::memory_order_relaxed);
}

void Profiler::stop() { detail::profile_is_on.store(false, std::memory_order_relaxed); }

void Profiler::resume() {
  if (detail::book().session.load(std::memory_order_relaxed) == 0) return start();
  detail::profile_is_on.store(true, std::memory_order_relaxed);
}

bool Profiler::is_on() { return detail::profiling(); }

TaskTrace Profiler::trace() {
  detail::Book& b = detail::book();
  TaskTrace trace;
  const std::lock_guard lock(b.mutex);
  const uint64_t session = b.session.load(std::memory_order_relaxed);
  for (const auto& sheet : b.sheets) {
    const std::lock_guard sheet_lock(sheet->lock);
    if (sheet->session != session) continue;
    trace.tasks.insert(trace.tasks.end(), sheet->tasks.begin(), sheet->tasks.end());
    trace.dependencies.insert(trace.dependencies.end(), sheet->dependencies.begin(),
                              sheet->dependencies.end());
  }
  trace.dropped = b.dropped.load(std::memory_order_relaxed);
  std::ranges::stable_sort(trace.tasks, {}, &TaskEvent::start);
  return trace;
}

}  // namespace treadle
