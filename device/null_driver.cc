#include "treadle/device/null_driver.h"

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/device/driver.h"
#include "treadle/device/fork.h"

namespace treadle {
namespace {

class Log : ForkAware {
 public:
  void add(NullRecord record) {
    std::lock_guard lock(mutex_);
    records_.push_back(std::move(record));
  }
  std::vector<NullRecord> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(records_, {});
  }

 private:
  void before_fork() noexcept override { mutex_.lock(); }
  void after_fork_parent() noexcept override { mutex_.unlock(); }
  void after_fork_child() noexcept override { mutex_.unlock(); }

  std::mutex mutex_;
  std::vector<NullRecord> records_;
};

class NullStream final : public Stream, ForkAware {
 public:
  using Kind = NullRecord::Kind;
  NullStream(Device device, Lane lane, Log& log) : Stream(device, lane), log_(log) {}

  void launch(std::string_view name, std::function<void()>) override {
    NullRecord record = made(Kind::launch);
    record.name = name;
    log_.add(std::move(record));
  }
  void copy(Address target, Address source, size_t bytes) override {
    NullRecord record = made(Kind::copy);
    record.bytes = bytes;
    record.target = target.device;
    record.source = source.device;
    log_.add(std::move(record));
  }
  void wait(Event event) override {
    if (event.stream == this || event.stream == nullptr) return;
    NullRecord record = made(Kind::wait);
    record.event = event;
    log_.add(std::move(record));
  }
  bool can_wait_for(const Stream& other) const override {
    return dynamic_cast<const NullStream*>(&other) != nullptr;
  }
  void gate(Gate) override {}
  Event finish(Done done) override {
    NullRecord record = made(Kind::finish);
    const Event event = record.event = {this, ++number_};
    log_.add(std::move(record));
    done.call(done.data, nullptr);
    return event;
  }
  Event record() override { return {this, number_}; }
  bool has_fired(uint64_t) const override { return true; }
  void synchronize(uint64_t) override {}

 private:
  NullRecord made(Kind kind) const {
    NullRecord record;
    record.kind = kind;
    record.lane = lane();
    return record;
  }
  void after_fork_child() noexcept override { renew_issue_mutex(); }

  Log& log_;
  std::atomic<uint64_t> number_{0};
};

class NullDriver final : public Driver {
 public:
  explicit NullDriver(Device device)
      : Driver(device),
        pool_(device, {[this](size_t bytes) { return allocate(bytes); },
                       [this](void*, size_t bytes) { note(NullRecord::Kind::free, bytes); }}) {
    for (int i = 0; i < num_lanes; ++i) {
      streams_[size_t(i)] = std::make_unique<NullStream>(device, Lane(i), log_);
    }
  }

  std::string_view name() const override { return "null"; }
  MemoryPool& memory() override { return pool_; }
  Stream& stream(Lane lane) override { return *streams_[size_t(lane)]; }
  bool runs_host_kernels() const override { return true; }
  void* host_view(void* data, size_t) const override { return data; }
  std::vector<NullRecord> take() { return log_.take(); }

 private:
  // Addresses of no memory, each handed out once.
  void* allocate(size_t bytes) {
    note(NullRecord::Kind::allocate, bytes);
    return reinterpret_cast<void*>(next_.fetch_add((bytes + 63) / 64 * 64));
  }
  void note(NullRecord::Kind kind, size_t bytes) {
    NullRecord record;
    record.kind = kind;
    record.bytes = bytes;
    log_.add(std::move(record));
  }

  Log log_;
  std::atomic<uintptr_t> next_{uintptr_t(1) << 60};
  MemoryPool pool_;
  std::array<std::unique_ptr<NullStream>, num_lanes> streams_;
};

}  // namespace

Device add_null_gpu() {
  return add_gpu([](Device device) { return std::make_unique<NullDriver>(device); });
}

std::vector<NullRecord> take_records(Device device) {
  auto* null = dynamic_cast<NullDriver*>(&driver(device));
  if (null == nullptr) {
    throw Error("take_records: ", device, " is no null device but of kind '", driver(device).name(),
                "'.");
  }
  return null->take();
}

}  // namespace treadle
