// Streams and events: work that a device does in order, and points in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string_view>

#include "treadle/core/device.h"

namespace treadle {

class Stream;

// Which of a device's streams a task belongs to; the CPU has one pool and ignores it.
enum class Lane : uint8_t { compute, copy_in, copy_out };
inline constexpr int num_lanes = 3;

// A point in a stream's work: it fires when everything queued before it has ended. A value; of two
// events of one stream the later one includes the other.
struct Event {
  Stream* stream = nullptr;  // null: it has fired
  uint64_t number = 0;

  bool has_fired() const;
  // Blocks the calling thread until then.
  void wait() const;
};

// Memory of some device, the host's included.
struct Address {
  Device device;
  void* data = nullptr;
};

// One first-in first-out queue of work of one device. Thread-safe; every call but `synchronize`
// returns at once. Lives as long as its driver.
class Stream {
 public:
  // Called with the first exception that work has thrown since the `finish` before, or null.
  struct Done {
    void (*call)(void* data, std::exception_ptr error) noexcept = nullptr;
    void* data = nullptr;
  };
  // Asked when its turn comes; while it is shut, work is left out.
  struct Gate {
    bool (*is_shut)(void* data) noexcept = nullptr;
    void* data = nullptr;
  };

  Stream(Device device, Lane lane) : device_(device), lane_(lane) {}
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  Device device() const { return device_; }
  Lane lane() const { return lane_; }
  // What a kernel gets as KernelRun::stream: a CUDA stream, or this one.
  virtual void* native() { return this; }

  // Queues a kernel that is compiled for the host; what it throws becomes the error of the next
  // `finish`, and work queued between the two is left out.
  virtual void launch(std::string_view name, std::function<void()> kernel) = 0;
  // Queues a copy of `bytes`; one of the two places is on this stream's device. They may overlap
  // where both are.
  virtual void copy(Address target, Address source, size_t bytes) = 0;
  // What is queued from here on starts after `event`, of any stream for which can_wait_for holds.
  virtual void wait(Event event) = 0;
  virtual bool can_wait_for(const Stream& other) const = 0;
  // What is queued from here to the next `finish` is left out if the gate is shut then. A device
  // that cannot ask the host in between computes it all the same; nobody looks at the result.
  virtual void gate(Gate gate) = 0;
  // Ends a task: calls `done` on a thread of the driver when everything queued so far has ended.
  // The event given fires after that call has returned.
  virtual Event finish(Done done) = 0;
  // The point after everything queued so far.
  virtual Event record() = 0;

  virtual bool has_fired(uint64_t number) const = 0;
  // Blocks the calling thread until event `number` has fired.
  virtual void synchronize(uint64_t number) = 0;

  // Held by who queues a task of several pieces, from its first `wait` to its `finish`, so that the
  // pieces of two tasks do not mix.
  std::mutex& issue_mutex() { return issue_mutex_; }

 protected:
  // In a forked child: another thread may have held it.
  void renew_issue_mutex() noexcept;

 private:
  const Device device_;
  const Lane lane_;
  std::mutex issue_mutex_;
};

inline bool Event::has_fired() const { return stream == nullptr || stream->has_fired(number); }
inline void Event::wait() const {
  if (stream != nullptr) stream->synchronize(number);
}

}  // namespace treadle
