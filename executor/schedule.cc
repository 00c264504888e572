// The compiler's use of the schedule pass: steps are put into the order of which the least memory
// is alive at once.
#include <algorithm>
#include <map>
#include <utility>

#include "treadle/device/memory.h"
#include "treadle/executor/compiler.h"
#include "treadle/graph/schedule.h"

namespace treadle {
namespace {

// Whether each step of [begin, end) reads what the one before it makes: there is no other order.
bool is_chain(const Graph& graph, const std::vector<Step>& steps, int begin, int end) {
  for (int s = begin + 1; s < end; ++s) {
    const int before = steps[size_t(s) - 1].node;
    const std::vector<Entry>& inputs = graph.nodes[size_t(steps[size_t(s)].node)].inputs;
    if (std::ranges::none_of(inputs, [&](Entry input) { return input.node == before; }))
      return false;
  }
  return true;
}

}  // namespace

ScheduleProblem ProgramCompiler::describe_schedule() {
  ScheduleProblem problem;
  problem.num_forward = program_->num_forward_steps_;
  problem.bytes.assign(size_t(graph().num_entries), 0);
  problem.is_kept.assign(size_t(graph().num_entries), false);
  const auto has_memory = [&](Entry entry) {
    return location_of(entry).kind == Location::Kind::buffer;
  };
  const auto measure = [&](Entry entry) {
    const TensorSpec spec = spec_of(entry);
    const int64_t bytes = int64_t(array_bytes(spec.shape.elements(), size_of(spec.type)));
    if (has_memory(entry))
      problem.bytes[size_t(graph().entry_id(entry))] = MemoryPlan::aligned(bytes);
  };
  for (int head : head_nodes_) {
    if (head >= 0) measure({head, 0});
  }
  for (Entry output : graph().outputs) problem.is_kept[size_t(graph().entry_id(output))] = true;

  std::map<int, int> last_user;  // of an auxiliary state's node: an array that its last user makes
  for (const Step& step : program_->steps_) {
    const GraphNode& node = graph().nodes[size_t(step.node)];
    ScheduleStep& made = problem.steps.emplace_back();
    for (Entry input : node.inputs) add_once(made.reads, graph().entry_id(input));
    for (int i = 0; i < node.num_outputs; ++i) {
      measure({step.node, i});
      made.makes.push_back(graph().entry_id({step.node, i}));
    }
    for (const auto& [input, output] : overwritable(node)) {
      const Entry from = node.inputs[input], to = {step.node, int(output)};
      if (has_memory(from) && has_memory(to))
        made.in_place.emplace_back(graph().entry_id(from), graph().entry_id(to));
    }
    if (step.choice.kernel != nullptr)
      made.scratch_bytes = MemoryPlan::aligned(int64_t(step.choice.kernel->scratch_bytes()));
    // Who uses a state that operators update does so in the order of the symbol.
    for (Entry input : node.inputs) {
      if (!graph().nodes[size_t(input.node)].is_auxiliary) continue;
      const auto [last, is_first] = last_user.try_emplace(input.node, -1);
      if (std::ranges::count(made.makes, last->second) > 0) continue;  // it comes in twice
      if (!is_first) add_once(made.reads, last->second);
      last->second = int(problem.bytes.size());
      made.makes.push_back(last->second);
      problem.bytes.push_back(0);
      problem.is_kept.push_back(false);
    }
  }
  return problem;
}

void ProgramCompiler::schedule() {
  std::vector<Step>& steps = program_->steps_;
  const int forward = program_->num_forward_steps_, end = int(steps.size());
  // With several devices the order is also that of their copies, which wait for each other.
  const bool is_cut = std::ranges::any_of(steps, &Step::is_cross_copy);
  const bool is_fixed =
      is_chain(graph(), steps, 0, forward) && is_chain(graph(), steps, forward, end);
  if (options_.reuses_memory && !is_cut && !is_fixed) {
    std::vector<Step> ordered;
    ordered.reserve(steps.size());
    for (int s : treadle::schedule(describe_schedule()))
      ordered.push_back(std::move(steps[size_t(s)]));
    steps = std::move(ordered);
  }
  if (!dump_.is_on()) return;
  std::string text;
  for (const Step& step : steps) text += graph().describe(step.node) + '\n';
  dump_.write("schedule", text);
}

}  // namespace treadle
