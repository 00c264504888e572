// Call<D>: what forward and backward of an operator see during one run on device kind D: typed
// access to its arrays by slot, whatever their position in the node.
#pragma once

#include <span>

#include "treadle/graph/slot.h"
#include "treadle/operators/kernel.h"

namespace treadle {

// A row-major array as a kernel sees it.
struct Tensor {
  void* data = nullptr;
  const TensorSpec* spec = nullptr;

  const Shape& shape() const { return spec->shape; }
  DType type() const { return spec->type; }
  int64_t elements() const { return spec->shape.elements(); }
  template <class T>
  T* as() const {
    return static_cast<T*>(data);
  }
};

// Where each slot of an operator lies among a node's inputs and outputs; made once per kernel.
struct SlotMap {
  std::vector<Slot> inputs;
  std::vector<Slot> outputs;

  // Index within inputs (or outputs); throws InternalError when the operator did not declare it.
  int input(Slot slot) const;
  int output(Slot slot) const;
};

template <DeviceKind D>
class Call {
 public:
  Call(const SlotMap& map, std::span<const TensorSpec> input_specs,
       std::span<const TensorSpec> output_specs, std::span<const Request> requests,
       const KernelRun& run)
      : map_(map),
        input_specs_(input_specs),
        output_specs_(output_specs),
        requests_(requests),
        run_(run) {}

  // Anything the operator reads: in, aux, and in backward what backward_reads names.
  Tensor read(Slot slot) const {
    const int i = map_.input(slot);
    return {run_.inputs[i], &input_specs_[i]};
  }
  // Anything it writes: out, in_grad. Null data when the request is null.
  Tensor write(Slot slot) const {
    const int i = map_.output(slot);
    return {run_.outputs[i], &output_specs_[i]};
  }
  Request request(Slot slot) const { return requests_[map_.output(slot)]; }
  bool is_wanted(Slot slot) const { return request(slot) != Request::null; }

  int count(Slot::Kind kind) const;
  Mode mode() const { return run_.mode; }
  RandomKey random() const { return run_.random; }
  Pool& pool() const { return *run_.pool; }
  void* stream() const { return run_.stream; }
  void* scratch() const { return run_.scratch; }

 private:
  const SlotMap& map_;
  std::span<const TensorSpec> input_specs_, output_specs_;
  std::span<const Request> requests_;
  const KernelRun& run_;
};

template <DeviceKind D>
int Call<D>::count(Slot::Kind kind) const {
  int n = 0;
  for (Slot slot : map_.inputs) n += slot.kind == kind;
  for (Slot slot : map_.outputs) n += slot.kind == kind;
  return n;
}

}  // namespace treadle
