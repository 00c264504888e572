// A stream whose work is done by host threads: of the cpu and of emulated devices. Internal to
// device/.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

#include "treadle/device/fork.h"
#include "treadle/device/pool.h"
#include "treadle/device/stream.h"

namespace treadle::detail {

// Keeps the queue, numbers its items and runs them one after the other; which thread does so, and
// when, is the derived class's matter.
class HostStream : public Stream, protected ForkAware {
 public:
  using Stream::Stream;

  void launch(std::string_view name, std::function<void()> kernel) override;
  void copy(Address target, Address source, size_t bytes) override;
  void wait(Event event) override;
  bool can_wait_for(const Stream& other) const override;
  void gate(Gate gate) override;
  Event finish(Done done) override;
  Event record() override;
  bool has_fired(uint64_t number) const override {
    // Partner of the release in `fire`: whoever sees the event sees what was done before it.
    return completed_.load(std::memory_order_acquire) >= number;
  }
  void synchronize(uint64_t number) override;

 protected:
  struct Item {
    enum class Kind : uint8_t { work, wait, gate, finish };
    Kind kind = Kind::work;
    uint64_t number = 0;
    std::function<void()> work;
    Event event;
    Gate gate;
    Done done;
  };

  // Sees to it that somebody runs what is queued; called after each item, without the lock.
  virtual void wake() = 0;
  // Before an item starts.
  virtual void delay(const Item&) {}
  // Whether the driver leaves out this wait, to show what it is for.
  virtual bool drops(const Item&) { return false; }

  // Runs `job` when the event, of a stream that can be waited for, has fired, on the thread that
  // makes it; false when it has fired already.
  static bool when_fired(Event event, Job job);

  // Takes the next item; false when there is none. One thread at a time runs items. A wait blocks
  // that thread.
  bool take(Item& item);
  void run(Item& item);
  void after_fork_child() noexcept override;

  std::mutex mutex_;
  std::deque<Item> items_;  // guarded by mutex_

 private:
  struct Continuation {
    uint64_t number;
    Job job;
  };

  uint64_t queue(Item item);
  void fire(uint64_t number);

  uint64_t queued_ = 0;        // number of the newest item; guarded by mutex_
  std::vector<Event> waited_;  // the newest wait for each other stream; guarded by mutex_
  std::vector<Continuation> continuations_;  // guarded by mutex_
  std::atomic<uint64_t> completed_{0};       // written under mutex_
  // Of the thread that runs items.
  std::exception_ptr error_;
  bool is_shut_ = false;
};

}  // namespace treadle::detail
