// The host behind the device interface: its memory is the host's, its streams run on the pool.
#include <array>
#include <memory>

#include "treadle/device/driver.h"
#include "treadle/device/host_stream.h"
#include "treadle/device/pool.h"

namespace treadle {
namespace {

// Runs its items as jobs of the process's pool, one at a time.
class CpuStream final : public detail::HostStream {
 public:
  using HostStream::HostStream;

 private:
  void wake() override {
    {
      std::lock_guard lock(mutex_);
      if (is_running_) return;
      is_running_ = true;
      pool_ = default_pool();
    }
    submit();
  }

  void submit() {
    pool_->submit({[](void* self) noexcept { static_cast<CpuStream*>(self)->run_all(); }, this});
  }

  // Until there is nothing, or a wait: a thread of the pool is not kept for that, which may be for
  // work that needs it.
  void run_all() noexcept {
    while (true) {
      if (!has_item_ && !take(item_)) {
        std::lock_guard lock(mutex_);
        if (!items_.empty()) continue;
        is_running_ = false;
        return;
      }
      has_item_ = true;
      if (item_.kind == Item::Kind::wait && !item_.event.has_fired()) {
        const Job go_on{[](void* self) noexcept { static_cast<CpuStream*>(self)->submit(); }, this};
        if (when_fired(item_.event, go_on)) return;
      }
      has_item_ = false;
      run(item_);
    }
  }

  void after_fork_child() noexcept override {
    HostStream::after_fork_child();
    is_running_ = has_item_ = false;
  }

  bool is_running_ = false;     // a job of the pool is inside run_all, or will be; under mutex_
  std::shared_ptr<Pool> pool_;  // set before a job is submitted
  // Of that job.
  Item item_;
  bool has_item_ = false;
};

class CpuDriver final : public Driver {
 public:
  CpuDriver() : Driver(cpu()) {}
  std::string_view name() const override { return "cpu"; }
  MemoryPool& memory() override { return memory_pool(cpu()); }
  Stream& stream(Lane lane) override { return streams_[size_t(lane)]; }
  bool runs_host_kernels() const override { return true; }
  void* host_view(void* data, size_t) const override { return data; }

 private:
  std::array<CpuStream, num_lanes> streams_{
      {{cpu(), Lane::compute}, {cpu(), Lane::copy_in}, {cpu(), Lane::copy_out}}};
};

}  // namespace

std::unique_ptr<Driver> detail::make_cpu_driver() { return std::make_unique<CpuDriver>(); }

}  // namespace treadle
