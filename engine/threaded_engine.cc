// The engine that runs tasks on the pool and on the threads that wait.
#include <chrono>
#include <utility>

#include "treadle/device/parking.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/crew.h"
#include "treadle/engine/dynamic_engine.h"
#include "treadle/engine/ready_queue.h"

namespace treadle::detail {
namespace {

class ThreadedEngine;

// A thread's place in the crew of an engine. Each change checks what the crew's rule asks for.
class Seat {
 public:
  explicit Seat(ThreadedEngine& engine) : engine_(engine) {}
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  ThreadedEngine& engine() const { return engine_; }
  bool taken() const { return state_ != State::none; }
  bool take();            // none -> looking
  bool take_if_needed();  // the same, if nobody looks for work
  void adopt(bool looking) { state_ = looking ? State::looking : State::working; }
  void work();       // -> working; from none even beyond the number of seats
  void look();       // working -> looking
  void leave();      // -> none
  bool give_away();  // -> none, leaving the place to the taker; returns whether it looked

 private:
  enum class State : uint8_t { none, looking, working };
  ThreadedEngine& engine_;
  State state_ = State::none;
};

// A waiting thread that would rather run the tasks itself than wait for a worker: at the end of the
// work nobody has to be woken then. Lives on its stack.
struct Offer {
  std::atomic<bool> given{false};
  bool looking = false;  // the state of the seat; written before `given`
};

class ThreadedEngine final : public DynamicEngine {
 public:
  explicit ThreadedEngine(const EngineOptions& options)
      : DynamicEngine(options), crew_(this->pool()->concurrency()) {}

  EngineKind kind() const override { return EngineKind::threaded; }

  void ready(Task& task) noexcept override {
    queue_.push(task);
    call_one();
  }

 protected:
  void pushed(Task& task, bool granted) override {
    if (granted) ready(task);
  }
  using DynamicEngine::wait_until;
  void wait_until(const void* key, FunctionRef<bool()> done, std::chrono::microseconds look_every,
                  Interruption& interruption) override;

  void quiesce() noexcept override {
    pool()->help_until([this] { return jobs_.load(std::memory_order_acquire) == 0; });
  }
  bool puts_off() const override { return true; }
  bool is_running() noexcept override { return !crew_.empty() || !queue_.empty(); }

  void after_fork_child() noexcept override {
    DynamicEngine::after_fork_child();
    crew_.reset();
    queue_.reset();
    jobs_.store(0, std::memory_order_relaxed);
    calls_.store(0, std::memory_order_relaxed);
    offer_.store(nullptr, std::memory_order_relaxed);
  }

 private:
  friend class Seat;

  void call_one() noexcept;
  bool claim_call() noexcept;
  // After leaving a seat: what was queued meanwhile may have counted on it.
  void call_if_work() noexcept {
    if (!queue_.empty()) call_one();
  }
  void serve() noexcept;
  void serve(Seat& seat) noexcept;
  void run_chain(Task* task, Seat& seat, FunctionRef<bool()> stop) noexcept;
  void help(Seat& seat, FunctionRef<bool()> done);
  void ask_for_seat(Seat& seat, FunctionRef<bool()> done);
  bool give_seat_away(Seat& seat) noexcept;

  ReadyQueue queue_;
  Crew crew_;
  std::atomic<Offer*> offer_{nullptr};
  // Workers called that have not come yet. Their seats are taken, so that one call is enough; the
  // worker claims its own when it comes, unless a waiting thread, which is awake, has been faster.
  alignas(64) std::atomic<int32_t> calls_{0};
  std::atomic<int32_t> jobs_{0};  // calls of serve() submitted and not yet over
};

// Whose seat the calling thread runs a task on; a task that waits gives it back meanwhile.
thread_local Seat* task_seat = nullptr;

bool Seat::take() {
  if (!engine_.crew_.join()) return false;
  state_ = State::looking;
  return true;
}

bool Seat::take_if_needed() {
  if (!engine_.crew_.join_if_nobody_looks()) return false;
  state_ = State::looking;
  return true;
}

void Seat::work() {
  if (state_ == State::none) engine_.crew_.rejoin();
  const bool looked = std::exchange(state_, State::working) == State::looking;
  if (looked && engine_.crew_.found() && !engine_.queue_.empty()) engine_.call_one();
}

void Seat::look() {
  if (state_ == State::working) engine_.crew_.look();
  state_ = State::looking;
}

void Seat::leave() {
  engine_.crew_.leave(std::exchange(state_, State::none) == State::looking);
  engine_.wake_drains();
}

bool Seat::give_away() { return std::exchange(state_, State::none) == State::looking; }

// Calls one more worker if there is work that nobody will find by itself.
void ThreadedEngine::call_one() noexcept {
  if (!crew_.join_if_nobody_looks()) return;
  jobs_.fetch_add(1, std::memory_order_relaxed);
  calls_.fetch_add(1, std::memory_order_release);
  try {
    pool()->submit(
        {[](void* self) noexcept { static_cast<ThreadedEngine*>(self)->serve(); }, this});
  } catch (...) {
    // No memory for the pool's queue: the tasks wait for the next push, or for a thread that waits.
    if (claim_call()) crew_.leave(true);
    jobs_.fetch_sub(1, std::memory_order_release);
  }
}

// Takes the place of a worker that was called, looking.
bool ThreadedEngine::claim_call() noexcept {
  int32_t calls = calls_.load(std::memory_order_relaxed);
  while (calls > 0) {
    if (calls_.compare_exchange_weak(calls, calls - 1, std::memory_order_acq_rel)) return true;
  }
  return false;
}

void ThreadedEngine::serve() noexcept {
  if (claim_call()) {
    Seat seat(*this);
    seat.adopt(true);
    serve(seat);
  }
  // The engine may go as soon as this is the last; the pool's address is only compared.
  const void* const waiting_for_the_end = pool().get();
  if (jobs_.fetch_sub(1, std::memory_order_acq_rel) == 1) unpark_all(waiting_for_the_end);
}

// How soon a thread that ran out of tasks looks for more. Where it has run a few tiny ones since it
// last found none, it keeps pace with a thread that pushes them one by one, and every look takes
// the cache lines away that the push is writing: both then go at half their speed. A few
// microseconds later there are some dozens. Tasks of half a microsecond and more never wait.
class Pace {
 public:
  void found() noexcept {
    if (std::exchange(is_idle_, false)) began_ = Clock::now();
  }
  void found_none() noexcept {
    if (std::exchange(is_idle_, true)) return;
    const Clock::time_point now = Clock::now();
    if (now - began_ > std::chrono::nanoseconds(500)) return;
    while (Clock::now() - now < std::chrono::microseconds(4)) pause();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point began_;
  bool is_idle_ = true;
};

// Runs tasks until, for a bounded time, there is none.
void ThreadedEngine::serve(Seat& seat) noexcept {
  Spin spin;
  Pace pace;
  while (!give_seat_away(seat)) {
    if (Task* task = queue_.pop()) {
      pace.found();
      run_chain(task, seat, [] { return false; });
      spin.reset();
      continue;
    }
    seat.look();  // first: who pushes meanwhile need not call another worker
    pace.found_none();
    if (!queue_.empty() || spin.again()) continue;
    seat.leave();
    if (queue_.empty() || !seat.take_if_needed()) return;
    spin.reset();
  }
}

// Runs `task` and then, on this thread, one of those that it made ready, and so on: the successor
// finds its inputs in this processor's cache and nobody has to be woken. The other ones are queued.
void ThreadedEngine::run_chain(Task* task, Seat& seat, FunctionRef<bool()> stop) noexcept {
  Seat* const outer = std::exchange(task_seat, &seat);
  while (task != nullptr) {
    seat.work();
    TaskList ready;
    if (AsyncToken* token = execute(*task, ready)) token->release();
    TaskList mine = own(ready);
    task = mine.pop();
    bool more = !mine.empty();
    while (Task* other = mine.pop()) queue_.push(*other);
    if (task != nullptr && (queue_.has_priorities() || task->priority() < 0 ||
                            offer_.load(std::memory_order_relaxed) != nullptr || stop())) {
      queue_.push(*task);
      task = nullptr;
      more = true;
    }
    if (more) call_one();
  }
  task_seat = outer;
}

// Leaves the seat to a thread that waits and asks for one.
bool ThreadedEngine::give_seat_away(Seat& seat) noexcept {
  if (offer_.load(std::memory_order_relaxed) == nullptr) return false;
  Offer* offer = offer_.exchange(nullptr, std::memory_order_acq_rel);
  if (offer == nullptr) return false;
  offer->looking = seat.give_away();
  offer->given.store(true, std::memory_order_release);
  return true;
}

// Takes a free seat or that of a worker on its way, or for a bounded time waits for a worker to
// leave one.
void ThreadedEngine::ask_for_seat(Seat& seat, FunctionRef<bool()> done) {
  if (seat.take()) return;
  if (claim_call()) return seat.adopt(true);
  Offer offer;
  Offer* nobody = nullptr;
  const bool offered = offer_.compare_exchange_strong(nobody, &offer, std::memory_order_acq_rel);
  for (Spin spin; !done() && !offer.given.load(std::memory_order_acquire) && spin.again();) {
    if (!offered && seat.take()) return;
  }
  if (!offered) return;
  Offer* mine = &offer;
  if (!offer_.compare_exchange_strong(mine, nullptr, std::memory_order_acq_rel)) {
    // Somebody has taken it up and is about to say so.
    while (!offer.given.load(std::memory_order_acquire)) pause();
    seat.adopt(offer.looking);
  }
}

// Runs tasks until done() or, for a bounded time, there is none.
void ThreadedEngine::help(Seat& seat, FunctionRef<bool()> done) {
  for (Spin spin; !done();) {
    if (Task* task = queue_.pop()) {
      run_chain(task, seat, done);
      spin.reset();
      continue;
    }
    seat.look();
    if (queue_.empty() && !spin.again()) return;
  }
}

void ThreadedEngine::wait_until(const void* key, FunctionRef<bool()> done,
                                std::chrono::microseconds look_every, Interruption& interruption) {
  const auto over = [&] { return done() || interruption.comes(); };
  // Inside a task the thread has a seat, of this engine or another; while the task only waits,
  // others may need it.
  Seat* const task_has = task_seat;
  if (task_has != nullptr) {
    task_has->leave();
    task_has->engine().call_if_work();
  }
  Seat seat(*this);
  while (!over()) {
    ask_for_seat(seat, over);
    if (seat.taken()) {
      if (pool()->concurrency() > 1) {
        pool()->enter([&] { help(seat, over); });
      } else {
        help(seat, over);
      }
      seat.leave();
      call_if_work();
      if (!queue_.empty()) continue;
    }
    if (over()) break;
    park(key, done, look_every);
  }
  if (task_has != nullptr) task_has->work();
}

}  // namespace

std::shared_ptr<DynamicEngine> make_threaded_engine(const EngineOptions& options) {
  return own_engine(new ThreadedEngine(options));
}

}  // namespace treadle::detail
