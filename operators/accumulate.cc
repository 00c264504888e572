#include "treadle/operators/accumulate.h"

#include <algorithm>

#include "treadle/operators/elementwise.h"

namespace treadle {
namespace {

size_t align(size_t bytes) { return (bytes + 63) / 64 * 64; }

class AccumulatingKernel final : public Kernel {
 public:
  AccumulatingKernel(std::unique_ptr<const Kernel> inner, const KernelQuery& query)
      : inner_(std::move(inner)) {
    // After the inner kernel's own comes a table of the pointers it writes to, then that memory.
    table_ = align(inner_->scratch_bytes());
    scratch_bytes_ = table_ + align(query.outputs.size() * sizeof(void*));
    for (size_t i = 0; i < query.outputs.size(); ++i) {
      if (query.requests[i] != Request::add) continue;
      const TensorSpec& spec = query.outputs[i];
      sums_.push_back({i, scratch_bytes_, spec.type, spec.shape.elements()});
      scratch_bytes_ += align(size_t(spec.shape.elements()) * size_of(spec.type));
    }
  }

  void run(const KernelRun& run) const override {
    char* const scratch = static_cast<char*>(run.scratch);
    void** const outputs = reinterpret_cast<void**>(scratch + table_);
    std::copy(run.outputs.begin(), run.outputs.end(), outputs);
    for (const Sum& sum : sums_) outputs[sum.output] = scratch + sum.offset;
    KernelRun inner = run;
    inner.outputs = {outputs, run.outputs.size()};
    inner_->run(inner);
    const Identity identity;
    for (const Sum& sum : sums_) {
      TileRun add;
      add.function = &detail::tile_function<Identity, 1>;
      add.functor = &identity;
      add.type = sum.type;
      add.out = run.outputs[sum.output];
      add.request = Request::add;
      add.inputs.array[0] = outputs[sum.output];
      add.elements = sum.elements;
      run_tiles(add, run.pool);
    }
  }

 private:
  struct Sum {
    size_t output;
    size_t offset;  // of what the inner kernel writes, within the scratch memory
    DType type;
    int64_t elements;
  };

  std::unique_ptr<const Kernel> inner_;
  size_t table_ = 0;
  std::vector<Sum> sums_;
};

}  // namespace

Prepared prepare_accumulating(const Implementation& implementation, const KernelQuery& query) {
  std::vector<Request> requests(query.requests.begin(), query.requests.end());
  std::replace(requests.begin(), requests.end(), Request::add, Request::write);
  KernelQuery writing = query;
  writing.requests = requests;
  Prepared prepared = implementation.prepare(writing);
  if (!prepared.kernel) return prepared;
  return {std::make_unique<AccumulatingKernel>(std::move(prepared.kernel), query), {}};
}

}  // namespace treadle
