#include "treadle/device/driver.h"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <new>

#include "treadle/core/error.h"
#include "treadle/device/emulated.h"

namespace treadle {
namespace {

constexpr int most_gpus = 64;

// How many emulated devices the environment asks for.
int emulated_gpus() {
  const char* value = std::getenv("TREADLE_EMULATED_GPUS");
  if (value == nullptr || *value == '\0') return 0;
  const std::string_view text = value;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0 || count > most_gpus) {
    throw Error("Device: the environment variable TREADLE_EMULATED_GPUS is '", text,
                "'; expected a number of devices from 0 to ", most_gpus,
                ". Correct it or unset it.");
  }
  return count;
}

// Never destroyed: arrays in static objects give their memory back late.
struct Table : ForkAware {
  std::mutex mutex;  // guards what is added; readers go by the count
  std::atomic<int> count{0};
  std::array<std::unique_ptr<Driver>, most_gpus> gpus;

  static Table& instance() {
    static Table& table = *new Table;
    // Ends the streams' threads before the objects that they might use go away.
    static const struct Closer {
      ~Closer() {
        for (int i = 0; i < table.count.load(); ++i) table.gpus[size_t(i)]->stop();
      }
    } closer;
    return table;
  }

  Device add(FunctionRef<std::unique_ptr<Driver>(Device)> make) {
    std::lock_guard lock(mutex);
    const int id = count.load(std::memory_order_relaxed);
    if (id == most_gpus) {
      throw Error("Device: there are ", most_gpus, " accelerators already, and no room for more.");
    }
    gpus[size_t(id)] = make(gpu(id));
    count.store(id + 1, std::memory_order_release);  // partner of the acquire in find
    return gpu(id);
  }

  Driver* find(int id) const {
    return id >= 0 && id < count.load(std::memory_order_acquire) ? gpus[size_t(id)].get() : nullptr;
  }

 private:
  // Not held across a fork: devices are made under it, which register for forks themselves.
  void after_fork_child() noexcept override { ::new (&mutex) std::mutex; }
};

// The table with what the environment asks for. A wrong value is said at each use.
Table& table() {
  static const bool filled = [] {
    const EmulatedOptions options = EmulatedOptions::from_environment();
    for (int n = emulated_gpus(); n > 0; --n) add_emulated_gpu(options);
    return true;
  }();
  (void)filled;
  return Table::instance();
}

}  // namespace

int num_gpus() { return table().count.load(std::memory_order_acquire); }

Device add_gpu(FunctionRef<std::unique_ptr<Driver>(Device)> make) {
  return Table::instance().add(make);
}

Driver& driver(Device device) {
  if (device.kind != DeviceKind::gpu) {
    static Driver& host = *detail::make_cpu_driver().release();  // as the table
    return host;
  }
  if (Driver* found = table().find(device.id)) return *found;
  const int count = num_gpus();
  throw Error(device, ": there is no such device; ",
              count == 0   ? std::string("this process has no accelerator.")
              : count == 1 ? std::string("the only one is gpu(0).")
                           : concat("there are gpu(0) to gpu(", count - 1, ")."),
              " Use cpu(), or set TREADLE_EMULATED_GPUS to a number of devices that are emulated "
              "on host threads.");
}

Stream* stream_of(Device device, Lane lane) {
  return device.kind == DeviceKind::gpu ? &driver(device).stream(lane) : nullptr;
}

std::vector<Event> everything_queued() {
  std::vector<Event> events;
  for (int i = 0; i < num_gpus(); ++i) {
    for (const Lane lane : {Lane::compute, Lane::copy_in, Lane::copy_out}) {
      events.push_back(driver(gpu(i)).stream(lane).record());
    }
  }
  return events;
}

}  // namespace treadle
