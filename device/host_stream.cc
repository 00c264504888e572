#include "treadle/device/host_stream.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "treadle/device/driver.h"
#include "treadle/device/parking.h"

namespace treadle {

void Stream::renew_issue_mutex() noexcept { ::new (&issue_mutex_) std::mutex; }

namespace detail {

uint64_t HostStream::queue(Item item) {
  uint64_t number = 0;
  {
    std::lock_guard lock(mutex_);
    number = item.number = queued_ + 1;
    items_.push_back(std::move(item));
    queued_ = number;
  }
  wake();
  return number;
}

void HostStream::launch(std::string_view, std::function<void()> kernel) {
  Item item;
  item.work = std::move(kernel);
  queue(std::move(item));
}

void HostStream::copy(Address target, Address source, size_t bytes) {
  if (bytes == 0) return;
  void* const to = driver(target.device).host_view(target.data, bytes);
  const void* const from = driver(source.device).host_view(source.data, bytes);
  launch("copy", [to, from, bytes] { std::memmove(to, from, bytes); });
}

bool HostStream::can_wait_for(const Stream& other) const {
  return dynamic_cast<const HostStream*>(&other) != nullptr;
}

void HostStream::wait(Event event) {
  if (event.stream == nullptr || event.stream == this) return;
  Item item;
  item.kind = Item::Kind::wait;
  item.event = event;
  {
    std::lock_guard lock(mutex_);
    Event* newest = nullptr;
    for (Event& e : waited_) {
      if (e.stream == event.stream) newest = &e;
    }
    if (newest != nullptr && newest->number >= event.number) return;
    if (newest == nullptr) newest = &waited_.emplace_back(event);
    *newest = event;
  }
  queue(std::move(item));
}

void HostStream::gate(Gate gate) {
  Item item;
  item.kind = Item::Kind::gate;
  item.gate = gate;
  queue(std::move(item));
}

Event HostStream::finish(Done done) {
  Item item;
  item.kind = Item::Kind::finish;
  item.done = done;
  return {this, queue(std::move(item))};
}

Event HostStream::record() {
  std::lock_guard lock(mutex_);
  return {this, queued_};
}

void HostStream::synchronize(uint64_t number) {
  for (Spin spin; !has_fired(number);) {
    if (!spin.again()) park(this, [&] { return has_fired(number); });
  }
}

bool HostStream::take(Item& item) {
  std::lock_guard lock(mutex_);
  if (items_.empty()) return false;
  item = std::move(items_.front());
  items_.pop_front();
  return true;
}

void HostStream::run(Item& item) {
  switch (item.kind) {
    case Item::Kind::work:
      delay(item);
      if (error_ == nullptr && !is_shut_) {
        try {
          item.work();
        } catch (...) {
          error_ = std::current_exception();
        }
      }
      item.work = nullptr;  // what it owns goes before the event fires
      break;
    case Item::Kind::wait:
      if (!drops(item)) item.event.wait();
      break;
    case Item::Kind::gate: is_shut_ = item.gate.is_shut(item.gate.data); break;
    case Item::Kind::finish:
      is_shut_ = false;
      item.done.call(item.done.data, std::exchange(error_, nullptr));
      break;
  }
  fire(item.number);
}

bool HostStream::when_fired(Event event, Job job) {
  auto& stream = static_cast<HostStream&>(*event.stream);
  std::lock_guard lock(stream.mutex_);
  if (stream.has_fired(event.number)) return false;
  stream.continuations_.push_back({event.number, job});
  return true;
}

void HostStream::fire(uint64_t number) {
  std::vector<Continuation> fired;
  {
    std::lock_guard lock(mutex_);
    completed_.store(number, std::memory_order_release);
    const auto later =
        std::stable_partition(continuations_.begin(), continuations_.end(),
                              [&](const Continuation& c) { return c.number <= number; });
    fired.assign(continuations_.begin(), later);
    continuations_.erase(continuations_.begin(), later);
  }
  unpark_all(this);
  for (const Continuation& c : fired) c.job.run(c.job.data);
}

// The work of the parent is not ours; its events count as fired, since nothing here will do it.
void HostStream::after_fork_child() noexcept {
  ::new (&mutex_) std::mutex;
  ::new (&items_) std::deque<Item>;
  ::new (&waited_) std::vector<Event>;
  ::new (&continuations_) std::vector<Continuation>;
  completed_.store(queued_, std::memory_order_relaxed);
  error_ = nullptr;
  is_shut_ = false;
  renew_issue_mutex();
}

}  // namespace detail
}  // namespace treadle
