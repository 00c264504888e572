// Kernels: what an operator becomes when a Program is compiled. The choice among an operator's
// implementations is made once, from shapes and types; running one decides nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/core/dtype.h"
#include "treadle/core/shape.h"
#include "treadle/operators/philox.h"

namespace treadle {

class Pool;
struct OpRecord;

// What to do with an output: leave it alone, overwrite it, or add to what it holds.
enum class Request : uint8_t { null, write, add };
// Whether the run learns (Dropout drops, BatchNorm uses the batch's statistics).
enum class Mode : uint8_t { infer, train };

// What is known of an array when a Program is compiled.
struct TensorSpec {
  Shape shape;
  DType type = DType::f32;
};

// The question put to an implementation: can you do this, and how?
struct KernelQuery {
  Device device;
  const void* params = nullptr;
  // Forward: inputs, then auxiliary states. Backward: as backward_reads says.
  std::span<const TensorSpec> inputs;
  std::span<const TensorSpec> outputs;
  std::span<const Request> requests;  // one per output
};

// What one run hands to a kernel. Pointers follow the order of the query; an output whose request
// is null has a null pointer. Auxiliary states are inputs that may be written.
struct KernelRun {
  std::span<void* const> inputs;
  std::span<void* const> outputs;
  void* scratch = nullptr;  // scratch_bytes() of 64-byte aligned memory, contents undefined
  Pool* pool = nullptr;     // where to run parallel loops
  void* stream = nullptr;   // the device's stream, null on the CPU
  Mode mode = Mode::infer;
  RandomKey random = {};  // the same for a node's forward and its backward
};

// A prepared kernel: immutable, so that many threads may run it at once on different memory.
class Kernel {
 public:
  virtual ~Kernel() = default;
  virtual void run(const KernelRun& run) const = 0;
  size_t scratch_bytes() const { return scratch_bytes_; }

 protected:
  size_t scratch_bytes_ = 0;
};

// An implementation's answer: a kernel, or a sentence that says why not.
struct Prepared {
  std::unique_ptr<const Kernel> kernel;
  std::string refusal;

  static Prepared refuse(std::string reason) { return {nullptr, std::move(reason)}; }
};

struct Implementation {
  const char* name;  // "onednn", "reference"
  Prepared (*prepare)(const KernelQuery& query);
  // False: it only overwrites; choose_kernel meets a request `add` by a wrapper that lets it write
  // to scratch and adds from there.
  bool supports_add = false;
};

// An operator's implementations on one kind of device, fastest first; an attribute of OpRecord.
template <DeviceKind D>
struct Implementations {
  std::vector<Implementation> list;
};

// A chosen implementation, with the reasons why those before it refused.
struct Choice {
  std::string implementation;
  std::unique_ptr<const Kernel> kernel;
  std::vector<std::string> refusals;  // "onednn: float64 is not supported"
};

// Asks the operator's implementations in order and takes the first that accepts. `only` restricts
// the choice to one by name (tests compare them). Throws Error("who: ...") when none accepts.
Choice choose_kernel(const OpRecord& op, const KernelQuery& query, std::string_view who,
                     std::string_view only = {});

}  // namespace treadle
