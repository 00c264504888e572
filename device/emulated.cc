#include "treadle/device/emulated.h"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/device/driver.h"
#include "treadle/device/guarded_memory.h"
#include "treadle/device/host_stream.h"

namespace treadle {
namespace {

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return otherwise;
  const std::string_view text = value;
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw Error("Device: the environment variable ", name, " is '", text,
                "'; expected a number from 0 on. Correct it or unset it.");
  }
  return number;
}

// Splitmix64: well mixed bits of any number.
uint64_t mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

// What the streams of one device share.
struct Faults {
  std::atomic<uint64_t> waits{0};
};

// A thread of its own, started by the first work, takes item after item.
class EmulatedStream final : public detail::HostStream {
 public:
  EmulatedStream(Device device, Lane lane, const EmulatedOptions& options, Faults& faults)
      : HostStream(device, lane), options_(options), faults_(faults) {}
  ~EmulatedStream() override { stop(); }

  void stop() noexcept {
    std::thread ended;
    {
      std::lock_guard lock(mutex_);
      is_stopped_ = true;
      ended = std::move(thread_);
    }
    work_.notify_all();
    if (ended.joinable()) ended.join();
  }

 private:
  void wake() override {
    bool has_thread = false;
    {
      std::lock_guard lock(mutex_);
      if (!is_stopped_ && !thread_.joinable()) {
        try {
          thread_ = std::thread([this] { serve(); });
        } catch (const std::system_error&) {
          // The system has no thread for it: then who queues work does it, too.
        }
      }
      has_thread = thread_.joinable();
    }
    if (has_thread) return work_.notify_one();
    std::lock_guard one(inline_mutex_);
    Item item;
    while (take(item)) run(item);
  }

  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      work_.wait(lock, [&] { return is_stopped_ || !items_.empty(); });
      if (items_.empty()) return;
      lock.unlock();
      Item item;
      if (take(item)) run(item);
      lock.lock();
    }
  }

  void delay(const Item& item) override {
    if (std::exchange(is_hurried_, false) || options_.most_delay.count() == 0) return;
    const uint64_t bits = mix(options_.seed ^ mix(uint64_t(device().id) * num_lanes +
                                                  uint64_t(lane()) + (item.number << 16)));
    if (bits % 4 == 0) return;
    const auto time = std::chrono::microseconds(
        int64_t((bits >> 8) % (uint64_t(options_.most_delay.count()) + 1)));
    std::this_thread::sleep_for(time);
  }

  bool drops(const Item&) override {
    const uint64_t number = faults_.waits.fetch_add(1, std::memory_order_relaxed) + 1;
    is_hurried_ = number == options_.drop_wait;
    return is_hurried_;
  }

  // Threads do not live on in the child; a new one starts with the next work.
  void after_fork_child() noexcept override {
    HostStream::after_fork_child();
    ::new (&inline_mutex_) std::mutex;
    ::new (&work_) std::condition_variable;
    ::new (&thread_) std::thread;
  }

  const EmulatedOptions& options_;
  Faults& faults_;
  std::condition_variable work_;
  std::thread thread_;       // guarded by mutex_
  bool is_stopped_ = false;  // guarded by mutex_
  bool is_hurried_ = false;  // of the thread that runs items
  std::mutex inline_mutex_;  // held by who works in place of the thread
};

class EmulatedDriver final : public Driver {
 public:
  EmulatedDriver(Device device, const EmulatedOptions& options)
      : Driver(device),
        options_(options),
        bytes_(device, options.bytes),
        pool_(device, {[this](size_t bytes) { return bytes_.allocate(bytes); },
                       [this](void* data, size_t bytes) { bytes_.free(data, bytes); }}) {
    for (int i = 0; i < num_lanes; ++i) {
      streams_[size_t(i)] = std::make_unique<EmulatedStream>(device, Lane(i), options_, faults_);
    }
  }

  std::string_view name() const override { return "emulated"; }
  MemoryPool& memory() override { return pool_; }
  Stream& stream(Lane lane) override { return *streams_[size_t(lane)]; }
  bool runs_host_kernels() const override { return true; }
  void* host_view(void* data, size_t bytes) const override { return bytes_.view(data, bytes); }
  void stop() noexcept override {
    for (const auto& stream : streams_) stream->stop();
  }
  uint64_t waits() const { return faults_.waits.load(std::memory_order_relaxed); }

 private:
  const EmulatedOptions options_;
  Faults faults_;
  detail::GuardedMemory bytes_;
  MemoryPool pool_;
  std::array<std::unique_ptr<EmulatedStream>, num_lanes> streams_;
};

}  // namespace

EmulatedOptions EmulatedOptions::from_environment() {
  EmulatedOptions options;
  options.seed = treadle::from_environment("TREADLE_EMULATED_SEED", options.seed);
  options.most_delay = std::chrono::microseconds(int64_t(treadle::from_environment(
      "TREADLE_EMULATED_DELAY_US", uint64_t(options.most_delay.count()))));
  options.bytes = treadle::from_environment("TREADLE_EMULATED_MIB", options.bytes >> 20) << 20;
  options.drop_wait = treadle::from_environment("TREADLE_EMULATED_DROP_WAIT", 0);
  return options;
}

Device add_emulated_gpu(const EmulatedOptions& options) {
  return add_gpu([&](Device device) { return std::make_unique<EmulatedDriver>(device, options); });
}

uint64_t emulated_waits(Device device) {
  const auto* emulated = dynamic_cast<const EmulatedDriver*>(&driver(device));
  if (emulated == nullptr) {
    throw Error("emulated_waits: ", device, " is no emulated device but of kind '",
                driver(device).name(), "'.");
  }
  return emulated->waits();
}

}  // namespace treadle
