// The run state behind an Executor. Internal to executor/.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "treadle/device/memory.h"
#include "treadle/engine/task_graph.h"
#include "treadle/executor/executor.h"

namespace treadle {

// The arrays and variables of one run. Queued tasks keep it alive.
struct Executor::State {
  // What a step needs at run time, looked up once.
  struct Link {
    std::vector<void*> inputs, outputs;
    void* scratch = nullptr;
  };

  std::shared_ptr<const Program> program;
  std::shared_ptr<Engine> engine;
  std::vector<Array> arguments, gradients, auxiliaries, outputs;
  std::vector<std::shared_ptr<Memory>> arenas;  // as the program's
  std::vector<Variable> buffers;                // invalid where the engine is not told of it
  std::vector<Link> links;
  TaskGraph forward_graph, backward_graph;  // invalid where steps run on streams

  // Executors on the same internal memory, with the buffers and the results of the one that ran
  // last. Their steps are pushed one by one: inside a TaskGraph buffers are not the engine's, and
  // nobody else could wait for them.
  struct Turns {
    std::mutex mutex;
    const void* last = nullptr;
    std::vector<Variable> buffers, results;

    void set(const State& state);
  };
  std::shared_ptr<Turns> turns;

  bool has_run_forward = false;
  bool has_run_backward = false;  // since the last forward
  Mode mode = Mode::infer;
  RandomKey random;
  std::atomic<bool> is_in_call = false;

  // Takes memory from `shared` where that suffices.
  void allocate(State* shared);
  // Has what comes wait for the last run of another executor on the same memory.
  void take_turn();
  bool has_turn() const;
  void link();
  void run_forward(Mode run_mode, const std::shared_ptr<State>& self);
  void push_head(size_t output, const Array& head, const std::shared_ptr<State>& self);
  void push(int begin, int end, const std::shared_ptr<State>& self);
  void push_steps(int begin, int end, const std::shared_ptr<State>& self);
  void name_buffers();
  void find_variables(const Step& step, std::vector<Variable>& reads,
                      std::vector<Variable>& writes) const;
  bool leaves_rest(Location location) const;
  // In task_graphs.cc.
  struct StepArgument;
  void compile_graphs();
  TaskGraph compile_graph(int begin, int end) const;
  bool runs_as_graphs() const;
  void run_graph(TaskGraph& graph, const std::shared_ptr<State>& self) const;
  void run_step(int index, Mode run_mode, RandomKey key, Stream* stream) const;
  Array output_array(Location location, const TensorSpec& spec, Device device);

  void* address(Location location) const;
  Variable variable(Location location) const;
};

// Throws Error, in terms of the caller, unless `array` is what the program expects as `what`
// 'name'.
void check_array(const char* what, const std::string& name, const Array& array,
                 const TensorSpec& spec, Device device);

}  // namespace treadle
