// A Program on the engine: forward and backward become a TaskGraph each, compiled once.
#include <algorithm>
#include <memory>
#include <vector>

#include "treadle/executor/state.h"

namespace treadle {

// What the nodes of a run are told, and what keeps their arrays alive.
struct Executor::State::StepArgument {
  std::shared_ptr<State> state;
  Mode mode;
  RandomKey key;
};

// Where a step runs on a stream, all of them are pushed one by one.
bool Executor::State::runs_as_graphs() const {
  return std::ranges::all_of(program->steps(), [](const Step& step) {
    return step.device.kind != DeviceKind::gpu && !step.is_cross_copy;
  });
}

TaskGraph Executor::State::compile_graph(int begin, int end) const {
  TaskGraphBuilder builder;
  std::vector<GraphVariable> places;
  places.reserve(buffers.size());
  const Users own = begin == 0 ? Users::forward : Users::backward;
  for (size_t b = 0; b < buffers.size(); ++b) {
    places.push_back(program->users()[b] == own ? builder.internal() : GraphVariable(buffers[b]));
  }
  const auto place_of = [&](Location location) {
    return location.kind == Location::Kind::buffer ? places[size_t(location.index)]
                                                   : GraphVariable(variable(location));
  };
  std::vector<GraphVariable> reads, writes;
  for (int i = begin; i < end; ++i) {
    const Step& step = program->steps()[size_t(i)];
    reads.clear();
    writes.clear();
    for (const Location location : step.reads) reads.push_back(place_of(location));
    for (const Location location : step.writes) {
      writes.push_back(place_of(location));
      if (leaves_rest(location)) reads.push_back(place_of(location));
    }
    builder.add(
        [i](const void* given) {
          const auto& argument = *static_cast<const StepArgument*>(given);
          argument.state->run_step(i, argument.mode, argument.key, nullptr);
        },
        reads, writes, {.op = step.op, .node = step.name, .device = step.device});
  }
  return builder.compile(engine);
}

// Executors on the same memory push step by step.
void Executor::State::compile_graphs() {
  if (turns || !runs_as_graphs()) return;
  const int forward_steps = program->num_forward_steps();
  forward_graph = compile_graph(0, forward_steps);
  backward_graph = compile_graph(forward_steps, int(program->steps().size()));
}

void Executor::State::run_graph(TaskGraph& graph, const std::shared_ptr<State>& self) const {
  graph.run(std::make_shared<const StepArgument>(StepArgument{self, mode, random}));
}

}  // namespace treadle
