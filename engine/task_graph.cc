#include "treadle/engine/task_graph.h"

#include <algorithm>

#include "treadle/core/error.h"
#include "treadle/engine/error_record.h"
#include "treadle/engine/graph_core.h"

namespace treadle {

using detail::Access;
using detail::GraphPlan;

TaskGraphBuilder::TaskGraphBuilder() : plan_(std::make_unique<GraphPlan>()) {}
TaskGraphBuilder::~TaskGraphBuilder() = default;

GraphVariable TaskGraphBuilder::internal() {
  return GraphVariable(int32_t(plan_->internal_count++));
}

void TaskGraphBuilder::add(GraphBody body, std::span<const GraphVariable> reads,
                           std::span<const GraphVariable> writes, const TaskOptions& options) {
  if (!body) {
    throw Error(detail::label(options.op, options.node), ": a graph's node has an empty closure.");
  }
  if (options.device.kind == DeviceKind::gpu) {
    throw Error(detail::label(options.op, options.node), ": a graph's node is placed on ",
                options.device,
                ", but its nodes run on the host; push tasks of devices one by one.");
  }
  GraphPlan::Node node;
  node.op = options.op;
  node.name = options.node;
  node.extras.priority = options.priority;
  node.extras.device = options.device;
  node.extras.lane = options.lane;
  std::vector<Variable> external_reads, external_writes;
  const auto sort_out = [&](std::span<const GraphVariable> variables, Access::Kind kind,
                            std::vector<Variable>& external) {
    for (const GraphVariable& v : variables) {
      if (!v.is_internal()) {
        external.push_back(v.external_);
        continue;
      }
      if (uint32_t(v.index_) >= plan_->internal_count) {
        throw Error(detail::label(options.op, options.node), ": internal variable ", v.index_,
                    " belongs to another graph; this one has ", plan_->internal_count, ".");
      }
      const auto known = std::ranges::find(node.internal, uint32_t(v.index_),
                                           [](const GraphPlan::Use& u) { return u.variable; });
      if (known == node.internal.end()) {
        node.internal.push_back({uint32_t(v.index_), kind});
      } else if (known->kind == Access::Kind::read && kind == Access::Kind::write) {
        known->kind = Access::Kind::update;
      }
    }
  };
  sort_out(reads, Access::Kind::read, external_reads);
  sort_out(writes, Access::Kind::write, external_writes);
  const detail::AccessSet set(external_reads, external_writes, options.op, options.node);
  node.external.assign(set.entries().begin(), set.entries().end());
  for (const auto* list : {&external_reads, &external_writes}) {
    plan_->variables.insert(plan_->variables.end(), list->begin(), list->end());
  }
  node.body = std::move(body);
  plan_->nodes.push_back(std::move(node));
}

TaskGraph TaskGraphBuilder::compile(std::shared_ptr<Engine> engine) {
  auto ours = std::dynamic_pointer_cast<detail::DynamicEngine>(engine);
  if (ours == nullptr) {
    throw Error("TaskGraph: the engine is ", engine == nullptr ? "null" : "of a foreign type",
                "; compile for one that Engine::create or Engine::get_default gave.");
  }
  plan_->connect();
  GraphPlan plan = std::move(*plan_);
  *plan_ = {};
  return TaskGraph(std::make_shared<detail::GraphCore>(std::move(plan), std::move(ours)));
}

void TaskGraph::run(std::shared_ptr<const void> argument, const CancellationToken& cancellation) {
  if (core_ == nullptr) throw Error("TaskGraph.run: the graph is empty; compile one first.");
  core_->run(std::move(argument), cancellation);
}

void TaskGraph::wait() {
  if (core_ == nullptr) throw Error("TaskGraph.wait: the graph is empty; compile one first.");
  core_->wait();
}

size_t TaskGraph::size() const { return core_ == nullptr ? 0 : core_->plan().nodes.size(); }
size_t TaskGraph::edges() const {
  return core_ == nullptr ? 0 : core_->plan().successors.items.size();
}

namespace detail {

// Works out edges, origins of errors and the places of tasks from what the nodes use.
void GraphPlan::connect() {
  struct Last {
    int32_t writer = -1;
    std::vector<uint32_t> readers;  // since the writer
  };
  const auto count = uint32_t(nodes.size());
  std::vector<Last> last(internal_count);
  std::vector<std::vector<uint32_t>> after(count);
  predecessors.assign(count, 0);
  std::vector<uint32_t> before;
  for (uint32_t i = 0; i < count; ++i) {
    before.clear();
    for (const Use& use : nodes[i].internal) {
      Last& variable = last[use.variable];
      const int32_t writer = variable.writer;
      if (use.kind != Access::Kind::write) {
        (writer >= 0 ? producers.items : carried_in.items)
            .push_back(writer >= 0 ? uint32_t(writer) : use.variable);
      }
      if (use.kind == Access::Kind::read) {
        variable.readers.push_back(i);
        if (writer >= 0) before.push_back(uint32_t(writer));
        continue;
      }
      if (variable.readers.empty() && writer >= 0) before.push_back(uint32_t(writer));
      before.insert(before.end(), variable.readers.begin(), variable.readers.end());
      variable.readers.clear();
      variable.writer = int32_t(i);
    }
    producers.close_row();
    carried_in.close_row();
    std::ranges::sort(before);
    before.erase(std::unique(before.begin(), before.end()), before.end());
    for (const uint32_t b : before) after[b].push_back(i);
    predecessors[i] = uint32_t(before.size());
    if (!nodes[i].external.empty()) {
      external_nodes.push_back(i);
    } else if (before.empty()) {
      roots.push_back(i);
    }
    if (i > 0 && (before.empty() || before.back() != i - 1)) is_serial = false;
  }
  for (const Last& variable : last) last_writer.push_back(variable.writer);
  for (uint32_t i = 0; i < count; ++i) {
    successors.items.insert(successors.items.end(), after[i].begin(), after[i].end());
    successors.close_row();
    if (after[i].empty()) sinks.push_back(i);
    const bool is_external = !nodes[i].external.empty();
    size_t& used = is_external ? run_lines : own_lines;
    place.push_back({uint32_t(used), is_external});
    const size_t bytes = sizeof(Task) + nodes[i].external.size() * sizeof(Access);
    used += (bytes + sizeof(Line) - 1) / sizeof(Line);  // a task to itself on its cache lines
  }
}

}  // namespace detail
}  // namespace treadle
