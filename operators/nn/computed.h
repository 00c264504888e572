// The arrays of one run in the type T that a reference computes in, wherever they lie: what Staged
// does for each of them, for kernels that treat all their arrays alike.
#pragma once

#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/nn/staging.h"
#include "treadle/operators/op.h"

namespace treadle {

// Scratch bytes for a Computed of all arrays of the query.
inline size_t computed_scratch(const KernelQuery& query) {
  ScratchPlan plan;
  const auto add = [&](const TensorSpec& spec) {
    if (floating_types.contains(spec.type)) {
      in_compute_type(spec.type, [&](auto zero) { Staged<decltype(zero)>(spec, plan); });
    }
  };
  for (const TensorSpec& spec : query.inputs) add(spec);
  for (const TensorSpec& spec : query.outputs) add(spec);
  return plan.bytes();
}

// Results are stored by finish(), which every kernel ends with.
template <class T, DeviceKind D>
class Computed {
 public:
  // Copies lie in `scratch`, of as many bytes as computed_scratch says.
  Computed(const Call<D>& call, void* scratch) : call_(call), scratch_(scratch) {}
  explicit Computed(const Call<D>& call) : Computed(call, call.scratch()) {}

  const T* read(Slot slot) {
    const Tensor array = call_.read(slot);
    return Staged<T>(*array.spec, plan_).load(call_.pool(), array, scratch_);
  }
  // Where to write an output, and whether to add to what is there; null when it is not wanted.
  struct Written {
    T* data = nullptr;
    bool adds = false;

    explicit operator bool() const { return data != nullptr; }
    void put(int64_t i, T value) const { data[i] = adds ? data[i] + value : value; }
  };
  Written write(Slot slot) {
    const Request request = call_.request(slot);
    if (request == Request::null) return {};
    const Tensor array = call_.write(slot);
    const Staged<T> staged(*array.spec, plan_);
    outputs_.push_back({staged, array, request});
    return {staged.target(array, scratch_), staged.adds(request)};
  }
  // An output that the kernel adds to: it begins with zeros, or with what it holds. Null when it is
  // not wanted.
  T* sums(Slot slot) {
    const Written written = write(slot);
    if (written && !written.adds) {
      T* const data = written.data;
      const int64_t count = call_.write(slot).elements();
      call_.pool().parallel_for(0, count, 1 << 16, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) data[i] = T(0);
      });
    }
    return written.data;
  }
  void finish() {
    for (const auto& [staged, array, request] : outputs_) {
      staged.store(call_.pool(), array, scratch_, request);
    }
  }

 private:
  struct Output {
    Staged<T> staged;
    Tensor array;
    Request request;
  };
  const Call<D>& call_;
  void* scratch_;
  ScratchPlan plan_;
  std::vector<Output> outputs_;
};

// Calls f(Computed<T, D>&) with the type that arrays of `type` are computed in, and finishes it.
template <DeviceKind D, class F>
void with_computed(const Call<D>& call, DType type, const F& f) {
  in_compute_type(type, [&](auto zero) {
    Computed<decltype(zero), D> arrays(call);
    f(arrays, zero);
    arrays.finish();
  });
}

// As parallel_for, one index at a time; `work` is about how many operations each costs.
template <class F>
void for_each(Pool& pool, int64_t count, int64_t work, const F& f) {
  pool.parallel_for(0, count, std::max<int64_t>(1, 16384 / std::max<int64_t>(1, work)),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t i = begin; i < end; ++i) f(i);
                    });
}

}  // namespace treadle
