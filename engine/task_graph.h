// Tasks that are run together again and again: their order is worked out once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "treadle/engine/engine.h"

namespace treadle {

namespace detail {
class GraphCore;
struct GraphPlan;
}  // namespace detail

// What a node does; it gets the argument of the run.
using GraphBody = UniqueFunction<const void*>;

// What a node reads or writes: a Variable, which others may use too, or one of the graph's own.
class GraphVariable {
 public:
  GraphVariable(Variable variable) : external_(std::move(variable)) {}  // NOLINT: meant implicitly

  bool is_internal() const { return index_ >= 0; }

 private:
  friend class TaskGraphBuilder;
  explicit GraphVariable(int32_t index) : index_(index) {}

  Variable external_;
  int32_t index_ = -1;
};

// A compiled graph of tasks on one engine. A run means what pushing its nodes one after the other,
// in the order in which they were added, would mean; all its edges are known, so it costs a
// fraction of that. A cheap handle; runs that are queued when the last one goes still complete.
class TaskGraph {
 public:
  TaskGraph() = default;

  // Queues one run and returns; what it reads and writes of others' variables takes its place in
  // their order now. Runs of one graph follow each other; those of different graphs overlap.
  // `argument` is handed to every body and kept until the run has ended; each node looks at
  // `cancellation` before it starts. Under EngineOptions::max_tasks each node counts as one.
  void run(std::shared_ptr<const void> argument = nullptr,
           const CancellationToken& cancellation = {});
  // Returns when every run queued so far has ended, running tasks meanwhile; rethrows the first
  // error of a run that no wait has reported yet.
  void wait();

  bool valid() const { return core_ != nullptr; }
  // The number of nodes and of edges between them.
  size_t size() const;
  size_t edges() const;

 private:
  friend class TaskGraphBuilder;
  explicit TaskGraph(std::shared_ptr<detail::GraphCore> core) : core_(std::move(core)) {}
  std::shared_ptr<detail::GraphCore> core_;
};

class TaskGraphBuilder {
 public:
  TaskGraphBuilder();
  ~TaskGraphBuilder();
  TaskGraphBuilder(const TaskGraphBuilder&) = delete;
  TaskGraphBuilder& operator=(const TaskGraphBuilder&) = delete;

  // A variable that only this graph's nodes use; it costs nothing at run time. An error on it stays
  // from run to run until a node overwrites it, as on any other.
  GraphVariable internal();
  // Adds a node with what Engine::push takes; op and node name are copied.
  void add(GraphBody body, std::span<const GraphVariable> reads,
           std::span<const GraphVariable> writes, const TaskOptions& options = {});
  // The graph of what was added; the builder is empty afterwards. Error when `engine` is not one of
  // this library's.
  TaskGraph compile(std::shared_ptr<Engine> engine);

 private:
  std::unique_ptr<detail::GraphPlan> plan_;
};

}  // namespace treadle
