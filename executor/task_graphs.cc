// A Program on the engine: forward and backward become a TaskGraph each, compiled once.
#include <algorithm>
#include <memory>
#include <unordered_map>
#include <vector>

#include "treadle/executor/state.h"

namespace treadle {

// What the nodes of a run are told, and what keeps their arrays alive.
struct Executor::State::StepArgument {
  std::shared_ptr<State> state;
  Mode mode;
  RandomKey key;
};

// Which buffers no task but those of steps [begin, end) ever uses: their order is known in advance.
// What users hold, what the other direction reads and what head gradients are copied to is the
// engine's.
std::vector<bool> Executor::State::find_own_buffers(int begin, int end) const {
  std::vector<bool> own(buffers.size(), true);
  std::unordered_map<Variable, size_t> number;
  for (size_t b = 0; b < buffers.size(); ++b) number.emplace(buffers[b], b);
  const auto give_up = [&](const std::vector<Variable>& list) {
    for (const Variable& variable : list) {
      if (const auto it = number.find(variable); it != number.end()) own[it->second] = false;
    }
  };
  for (int i = 0; i < int(links.size()); ++i) {
    if (i >= begin && i < end) continue;
    give_up(links[size_t(i)].reads);
    give_up(links[size_t(i)].writes);
  }
  for (const Array& output : outputs) give_up({output.variable()});
  for (const int head : program->head_buffers()) {
    if (head < 0) continue;
    std::vector<Variable> taken;
    take_over(head, taken);
    give_up(taken);
  }
  return own;
}

TaskGraph Executor::State::compile_graph(int begin, int end) const {
  TaskGraphBuilder builder;
  std::unordered_map<Variable, GraphVariable> inside;
  const std::vector<bool> own = find_own_buffers(begin, end);
  for (size_t b = 0; b < buffers.size(); ++b) {
    if (own[b]) inside.emplace(buffers[b], builder.internal());
  }
  const auto to_graph = [&](const std::vector<Variable>& list) {
    std::vector<GraphVariable> result;
    for (const Variable& variable : list) {
      const auto it = inside.find(variable);
      result.push_back(it != inside.end() ? it->second : GraphVariable(variable));
    }
    return result;
  };
  for (int i = begin; i < end; ++i) {
    const Step& step = program->steps()[size_t(i)];
    const Link& link = links[size_t(i)];
    builder.add(
        [i](const void* given) {
          const auto& argument = *static_cast<const StepArgument*>(given);
          argument.state->run_step(i, argument.mode, argument.key, nullptr);
        },
        to_graph(link.reads), to_graph(link.writes),
        {.op = step.op, .node = step.name, .device = step.device});
  }
  return builder.compile(engine);
}

// Where a step runs on a stream, all of them are pushed one by one.
void Executor::State::compile_graphs() {
  const bool on_host = std::ranges::all_of(program->steps(), [](const Step& step) {
    return step.device.kind != DeviceKind::gpu && !step.is_cross_copy;
  });
  if (!on_host) return;
  const int forward_steps = program->num_forward_steps();
  forward_graph = compile_graph(0, forward_steps);
  backward_graph = compile_graph(forward_steps, int(program->steps().size()));
}

void Executor::State::run_graph(TaskGraph& graph, const std::shared_ptr<State>& self) const {
  graph.run(std::make_shared<const StepArgument>(StepArgument{self, mode, random}));
}

}  // namespace treadle
