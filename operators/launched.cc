#include "treadle/operators/launched.h"

#include <utility>

#include "treadle/core/error.h"
#include "treadle/device/driver.h"
#include "treadle/device/pool.h"

namespace treadle {
namespace {

// A stream's thread alone. Loops are cut as for the pool of the host, so the bits are the same.
class OneThread final : public Pool {
 public:
  explicit OneThread(int width) : width_(width) {}
  void submit(Job) override {
    throw InternalError("a kernel on a stream submits a job; it may only run loops");
  }
  int concurrency() const override { return 1; }
  int kernel_width() const override { return width_; }
  bool in_worker() const override { return true; }
  bool help_one() override { return false; }

 protected:
  void run_chunks(int64_t count, FunctionRef<void(int64_t)> piece) override {
    for (int64_t i = 0; i < count; ++i) piece(i);
  }

 private:
  const int width_;
};

class LaunchedKernel final : public Kernel {
 public:
  LaunchedKernel(Device device, std::unique_ptr<const Kernel> inner, const KernelQuery& query,
                 std::string name)
      : device_(device), inner_(std::move(inner)), name_(std::move(name)) {
    scratch_bytes_ = inner_->scratch_bytes();
    const auto sizes = [](std::span<const TensorSpec> specs) {
      std::vector<size_t> bytes;
      for (const TensorSpec& s : specs)
        bytes.push_back(size_t(s.shape.elements()) * size_of(s.type));
      return bytes;
    };
    input_bytes_ = sizes(query.inputs);
    output_bytes_ = sizes(query.outputs);
  }

  // Everything that the work needs is copied into it: it may outlive this kernel and the run.
  void run(const KernelRun& run) const override {
    const Driver& place = driver(device_);
    const auto views = [&](std::span<void* const> from, const std::vector<size_t>& bytes) {
      std::vector<void*> to;
      for (size_t i = 0; i < from.size(); ++i)
        to.push_back(from[i] == nullptr ? nullptr : place.host_view(from[i], bytes[i]));
      return to;
    };
    void* const scratch =
        run.scratch == nullptr ? nullptr : place.host_view(run.scratch, scratch_bytes_);
    static_cast<Stream*>(run.stream)
        ->launch(name_, [inner = inner_, inputs = views(run.inputs, input_bytes_),
                         outputs = views(run.outputs, output_bytes_), scratch,
                         width = run.pool->kernel_width(), mode = run.mode, random = run.random] {
          OneThread pool(width);
          inner->run({.inputs = inputs,
                      .outputs = outputs,
                      .scratch = scratch,
                      .pool = &pool,
                      .mode = mode,
                      .random = random});
        });
  }

 private:
  const Device device_;
  const std::shared_ptr<const Kernel> inner_;
  const std::string name_;
  std::vector<size_t> input_bytes_, output_bytes_;
};

}  // namespace

std::unique_ptr<const Kernel> launch_on(Device device, std::unique_ptr<const Kernel> inner,
                                        const KernelQuery& query, std::string name) {
  return std::make_unique<LaunchedKernel>(device, std::move(inner), query, std::move(name));
}

}  // namespace treadle
