// Program: a symbol compiled for given shapes, types and gradient requests. Immutable; any number
// of threads may run it at once, each with a run state of its own.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "treadle/graph/gradient.h"
#include "treadle/graph/graph.h"
#include "treadle/graph/memory_plan.h"
#include "treadle/graph/placement.h"
#include "treadle/graph/symbol.h"
#include "treadle/operators/kernel.h"

namespace treadle {

// Where an array of a Program lies.
struct Location {
  enum class Kind : uint8_t { none, argument, auxiliary, gradient, buffer };
  Kind kind = Kind::none;
  int index = 0;  // of its kind; a buffer's within the memory plan

  friend bool operator==(const Location&, const Location&) = default;
};

// One node, ready to run.
struct Step {
  int node = 0;
  std::string op, name;                // for errors and traces
  std::shared_ptr<const void> params;  // the kernel may refer to them
  Choice choice;
  std::vector<Location> inputs, outputs;
  std::vector<Request> requests;
  // What orders it: each place once, a reused buffer's earlier holders among the written ones.
  std::vector<Location> reads, writes;
  int num_aux = 0;   // the last inputs may be updated
  int scratch = -1;  // a buffer
  // Nodes and their gradients share a part of the run's random numbers.
  uint32_t random_part = 0;
  Device device;
  // A copy of its one input from `source` to `device`, which needs no kernel.
  bool is_cross_copy = false;
  Device source;
  size_t copied_bytes = 0;
};

// Who ever uses a buffer. The order of steps of one direction is known in advance; all else is up
// to the engine.
enum class Users : uint8_t { forward, backward, several };

// The memory of a Program on one device.
struct Arena {
  Device device;
  int64_t bytes = 0;
};

struct ProgramOptions {
  Device device = {};
  // Where the nodes of a ctx_group run, and arguments and states that are somewhere already.
  GroupMap groups = {};
  DeviceMap variables = {};
  ShapeMap shapes = {};
  TypeMap types = {};
  // Per argument name; `default_request` for those not named.
  std::map<std::string, Request, std::less<>> requests = {};
  Request default_request = Request::null;
  // False: every array has memory of its own, to find out whether reuse is to blame for something.
  bool reuses_memory = true;
  // Bytes of internal memory; 0 for any number. What does not fit is computed again for backward,
  // as little as suffices; Error with the least that can be if that is too much.
  int64_t memory_budget = 0;

  friend bool operator==(const ProgramOptions&, const ProgramOptions&) = default;
};

// What backward computes again in place of keeping it.
struct Recomputation {
  int nodes = 0;
  double share = 0;  // of the arithmetic of a run without it
};

class Program {
 public:
  // Runs every pass and chooses every kernel. Throws Error for whatever cannot work.
  static std::shared_ptr<const Program> compile(const Symbol& symbol,
                                                const ProgramOptions& options);
  // The same, but what was compiled for equal options lately is given again: `programs_per_symbol`
  // are kept until the last copy of `symbol` goes. Not kept are Programs whose kernels hold what
  // belongs to one bind (operators/bound_state.h).
  static std::shared_ptr<const Program> get(const Symbol& symbol, const ProgramOptions& options);
  static constexpr size_t programs_per_symbol = 8;
  // What `get` would give without compiling; null otherwise.
  static std::shared_ptr<const Program> find(const Symbol& symbol, const ProgramOptions& options);

  Device device() const { return device_; }
  const std::vector<std::string>& argument_names() const { return argument_names_; }
  const std::vector<std::string>& auxiliary_names() const { return auxiliary_names_; }
  const std::vector<std::string>& output_names() const { return output_names_; }
  const std::vector<TensorSpec>& arguments() const { return arguments_; }
  const std::vector<TensorSpec>& auxiliaries() const { return auxiliaries_; }
  const std::vector<TensorSpec>& outputs() const { return outputs_; }
  const std::vector<Device>& argument_devices() const { return argument_devices_; }
  const std::vector<Device>& auxiliary_devices() const { return auxiliary_devices_; }
  const std::vector<Device>& output_devices() const { return output_devices_; }
  const std::vector<Location>& output_locations() const { return output_locations_; }
  // One per argument.
  const std::vector<Request>& requests() const { return requests_; }
  // Per output: the buffer of its head gradient, -1 where backward needs none.
  const std::vector<int>& head_buffers() const { return head_buffers_; }
  // False when backward overwrites what it has read of the forward run.
  bool can_repeat_backward() const { return can_repeat_backward_; }

  // Steps [0, num_forward_steps) compute the outputs, the others the gradients.
  const std::vector<Step>& steps() const { return steps_; }
  int num_forward_steps() const { return num_forward_steps_; }
  const std::vector<Buffer>& buffers() const { return buffers_; }
  // Of all arenas together: offsets are within the buffer's own.
  const MemoryPlan& memory_plan() const { return plan_; }
  const std::vector<Arena>& arenas() const { return arenas_; }
  // Per buffer.
  const std::vector<int>& arena_of() const { return arena_of_; }
  // Per buffer.
  const std::vector<Users>& users() const { return users_; }
  bool has_gradients() const { return num_forward_steps_ < int(steps_.size()); }
  const Recomputation& recomputation() const { return recomputation_; }
  // Whether a node asks by attribute to be computed again.
  bool has_marked_nodes() const { return has_marked_nodes_; }
  // Whether a kernel holds what belongs to one bind alone.
  bool has_bound_state() const { return has_bound_state_; }

  // Every node with shapes, then the chosen implementations with the refusals before them, and
  // the memory plan.
  std::string debug_str() const;

 private:
  friend class ProgramCompiler;
  Program() = default;

  Device device_;
  Graph graph_;
  Annotations annotations_;
  std::vector<std::string> argument_names_, auxiliary_names_, output_names_;
  std::vector<TensorSpec> arguments_, auxiliaries_, outputs_;
  std::vector<Device> argument_devices_, auxiliary_devices_, output_devices_;
  std::vector<Location> output_locations_;
  std::vector<Request> requests_;
  std::vector<int> head_buffers_;
  bool can_repeat_backward_ = true;
  std::vector<Step> steps_;
  int num_forward_steps_ = 0;
  std::vector<Buffer> buffers_;
  MemoryPlan plan_;
  std::vector<Arena> arenas_;
  std::vector<int> arena_of_;
  Recomputation recomputation_;
  std::vector<Users> users_;
  bool has_marked_nodes_ = false;
  bool has_bound_state_ = false;
};

}  // namespace treadle
