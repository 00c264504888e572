// The small interface through which the rest of the code speaks to a device, and the table of those
// that this process has. docs/architecture/device.md has the picture.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/core/function_ref.h"
#include "treadle/device/memory.h"
#include "treadle/device/stream.h"

namespace treadle {

// One device: memory to allocate and free, streams that copy and launch.
class Driver {
 public:
  explicit Driver(Device device) : device_(device) {}
  virtual ~Driver() = default;
  Driver(const Driver&) = delete;
  Driver& operator=(const Driver&) = delete;

  Device device() const { return device_; }
  // "cpu", "emulated", "null".
  virtual std::string_view name() const = 0;
  // Freed and handed out again in stream order; its blocks' addresses mean nothing to host code.
  virtual MemoryPool& memory() = 0;
  virtual Stream& stream(Lane lane) = 0;
  // Whether operators run here with the kernels that are compiled for the host.
  virtual bool runs_host_kernels() const = 0;
  // Where a kernel compiled for the host finds `bytes` at `data` of this device while it runs on a
  // stream. InternalError when they are not this device's memory.
  virtual void* host_view(void* data, size_t bytes) const = 0;
  // Lets queued work complete and ends the driver's threads; it may still free memory afterwards.
  virtual void stop() noexcept {}

 private:
  const Device device_;
};

// The driver of `device`; every cpu device shares one. Error, saying which devices there are, when
// there is none.
Driver& driver(Device device);
// Of an accelerator's lane; null for devices of the host, whose tasks run on the pool.
Stream* stream_of(Device device, Lane lane);
// The point after everything that is queued on accelerators so far.
std::vector<Event> everything_queued();
// How many accelerators this process has: those of TREADLE_EMULATED_GPUS, and those added.
int num_gpus();

// Adds gpu(num_gpus()), which stays until the process ends. `make` is given that device.
Device add_gpu(FunctionRef<std::unique_ptr<Driver>(Device)> make);

namespace detail {
std::unique_ptr<Driver> make_cpu_driver();
}

}  // namespace treadle
