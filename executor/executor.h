// Executor: a Program with the arrays of one run; MXNet's semantics on top.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "treadle/executor/program.h"
#include "treadle/tensor/array.h"

namespace treadle {

class Executor;

struct BindOptions {
  TypeMap types = {};
  // The device of each ctx_group; nodes of no group follow their inputs. MXNet's group2ctx.
  GroupMap groups = {};
  // What happens to the gradient of each argument; `default_request` for those not named.
  std::map<std::string, Request, std::less<>> requests = {};
  Request default_request = Request::write;
  // False: every array of the run has memory of its own, for finding faults.
  bool reuses_memory = true;
  // As in ProgramOptions.
  int64_t memory_budget = 0;
  // Internal memory is taken from this executor where it suffices. The two then take turns: a run
  // of one waits for that of the other, whose outputs it may overwrite.
  const Executor* shares_memory_of = nullptr;
};

// Everything `bind` is given. Arrays belong to the caller; the executor keeps handles.
struct Bindings {
  // As in BindOptions; arrays may then be on any device, and what reads them elsewhere copies them.
  GroupMap groups = {};
  ArrayMap arguments = {};
  ArrayMap gradients = {};  // for arguments whose request is not null; others are ignored
  ArrayMap auxiliaries = {};
  std::map<std::string, Request, std::less<>> requests = {};
  // For arguments not named in `requests` that have an array in `gradients`.
  Request default_request = Request::write;
  bool reuses_memory = true;                   // as in BindOptions
  int64_t memory_budget = 0;                   // as in BindOptions
  const Executor* shares_memory_of = nullptr;  // as in BindOptions
};

// A cheap handle; copies are the same executor. Calls return at once, kernels run as their inputs
// become ready. One thread at a time may call forward or backward: a second one gets an Error.
//
//   Executor exec = net.simple_bind(cpu(), {{"data", {64, 784}}, {"softmax_label", {64}}});
//   exec.forward(Mode::train);
//   exec.backward();
class Executor {
 public:
  // Binds the caller's arrays. Throws Error for a missing, surplus or empty array, and for wrong
  // shapes, types or devices; the arrays are as they were then.
  static Executor bind(const Symbol& symbol, Device device, const Bindings& bindings);
  // Allocates all arrays: arguments, gradients and states are zero.
  static Executor simple_bind(const Symbol& symbol, Device device, const ShapeMap& shapes,
                              const BindOptions& options = {});

  // Queues the computation of the outputs.
  void forward(Mode mode);
  // Queues copies of `inputs` to the arguments of those names first.
  void forward(Mode mode, const ArrayMap& inputs);
  // Queues the computation of the gradients from the arrays of the last forward. `heads` are the
  // gradients of the outputs; losses need none (an invalid Array stands for none). Twice after one
  // forward only where the memory plan keeps what it reads; otherwise the second throws Error.
  void backward(std::span<const Array> heads = {});

  // In the order of the symbol's lists. A gradient is invalid where none was requested.
  const std::vector<Array>& outputs() const;
  const std::vector<Array>& arguments() const;
  const std::vector<Array>& gradients() const;
  const std::vector<Array>& auxiliaries() const;
  // By name; throws Error with a did-you-mean.
  Array argument(std::string_view name) const;
  Array gradient(std::string_view name) const;
  Array auxiliary(std::string_view name) const;
  Array output(std::string_view name) const;

  const std::shared_ptr<const Program>& program() const;
  // Bytes the executor allocated beyond the arrays it was given: what the plan says, to the byte.
  size_t allocated_bytes() const;

 private:
  struct State;
  explicit Executor(std::shared_ptr<State> state) : state_(std::move(state)) {}

  std::shared_ptr<State> state_;
};

}  // namespace treadle
