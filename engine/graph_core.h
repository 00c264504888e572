// A compiled graph and its runs. Internal.
//
// A run goes one of two ways. `in_line`: one thread runs all nodes in the order in which they were
// added, without counters; where it comes to a node whose external variables are not granted yet,
// or that waits for something itself, it spreads the rest out. `spread`: each node has a counter of
// predecessors and grants to come, and whoever brings it to zero has a ready task. Which of them is
// faster is measured, now and then anew.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "treadle/device/fork.h"
#include "treadle/engine/dynamic_engine.h"
#include "treadle/engine/grant.h"
#include "treadle/engine/task_graph.h"

namespace treadle::detail {

// Memory for tasks: each starts on a line of its own.
struct alignas(64) Line {
  std::byte bytes[64];
};

// Rows of numbers, one after the other.
struct Rows {
  std::vector<uint32_t> begin{0};
  std::vector<uint32_t> items;

  void close_row() { begin.push_back(uint32_t(items.size())); }
  std::span<const uint32_t> operator[](size_t row) const {
    return std::span(items).subspan(begin[row], begin[row + 1] - begin[row]);
  }
};

// What is known of a graph before it runs; nodes are numbered in the order of their addition.
struct GraphPlan {
  struct Use {
    uint32_t variable;  // internal
    Access::Kind kind;
  };
  struct Node {
    GraphBody body;
    std::string op, name;
    TaskExtras extras;
    std::vector<AccessSet::Entry> external;  // as AccessSet orders them
    std::vector<Use> internal;
  };

  std::vector<Node> nodes;
  std::vector<Variable> variables;  // keeps the external ones
  uint32_t internal_count = 0;

  Rows successors;
  std::vector<uint32_t> predecessors;    // how many
  std::vector<uint32_t> roots;           // without predecessors and external accesses
  std::vector<uint32_t> sinks;           // without successors
  std::vector<uint32_t> external_nodes;  // with external accesses
  bool is_serial = true;                 // each node follows the one before it

  // Where errors come from: nodes whose value a node takes, and internal variables that it takes as
  // the last run left them.
  Rows producers, carried_in;
  std::vector<int32_t> last_writer;  // of each internal variable; -1: none

  // Places of the tasks: those without external accesses are the graph's, the others there are anew
  // for each run.
  struct Place {
    uint32_t line : 31;
    uint32_t is_external : 1;
  };
  std::vector<Place> place;
  size_t own_lines = 0, run_lines = 0;

  void connect();
};

// One call of TaskGraph::run.
struct GraphRun {
  Task unit;  // stands for the run until its nodes do
  std::shared_ptr<GraphCore> graph;
  std::shared_ptr<const void> argument;
  CancellationToken cancellation;
  std::unique_ptr<Line[]> tasks;  // of the nodes with external accesses
  GraphRun* next = nullptr;       // queued or free
  ProfileMark mark;               // of the first node; the others' numbers follow
};

class GraphCore : public std::enable_shared_from_this<GraphCore>, ForkAware {
 public:
  GraphCore(GraphPlan plan, std::shared_ptr<DynamicEngine> engine);
  ~GraphCore() override;

  const GraphPlan& plan() const { return plan_; }
  void run(std::shared_ptr<const void> argument, const CancellationToken& cancellation);
  void wait();

  // Runs a ready node or starts a run; what becomes ready is appended to `ready`.
  void execute(Task& task, TaskList& ready) noexcept;
  // The thread that runs the node `task` is about to wait inside it: the nodes behind it must not
  // wait for this thread. Appends what may run now.
  void before_wait(Task& task, TaskList& ready) noexcept;
  const TaskExtras& extras_of(uint32_t node) const { return plan_.nodes[node].extras; }
  // The node's number in the profile, in the run under way; 0: there is none.
  uint64_t profile_id(uint32_t node) const {
    return active_->mark.id == 0 ? 0 : active_->mark.id + node;
  }
  // Of the run under way; see TaskCount.
  uint8_t phase() const { return active_->unit.phase; }
  CancellationState* cancellation() const { return active_->cancellation.state(); }

 private:
  enum class Way : uint8_t { in_line, spread };
  static constexpr uint32_t probe_every = 128;

  Task& task_of(const GraphRun& run, uint32_t node) const noexcept;
  void make_task(Line* base, uint32_t node) noexcept;
  GraphRun* take_run();
  void start(GraphRun& run) noexcept;
  Way choose() noexcept;
  void note_time() noexcept;
  bool measures() const noexcept;

  void run_in_line(TaskList& ready) noexcept;
  void spread(TaskList& ready) noexcept;
  void spread_from(uint32_t first, bool is_running, TaskList& ready) noexcept;
  void run_node(Task& task, uint32_t node) noexcept;
  void hand_on(Task& task, uint32_t node, TaskList& ready) noexcept;
  ErrorRecord* inherited(uint32_t node) const noexcept;
  void keep_errors() noexcept;
  void finish(TaskList& ready) noexcept;
  void after_fork_child() noexcept override;

  GraphPlan plan_;
  const std::shared_ptr<DynamicEngine> engine_;
  std::unique_ptr<Line[]> tasks_;
  // Of the run under way, per node, and of each internal variable as the last run left it.
  std::vector<ErrorRecord*> errors_, carried_;
  bool has_carried_ = false;
  std::atomic<bool> failed_{false};  // some node of the run under way has an error
  std::atomic<uint32_t> sinks_left_{0};
  // Of the run under way: how it runs, and how it set out to.
  Way way_ = Way::spread, chosen_ = Way::spread;
  std::chrono::steady_clock::time_point started_;
  GraphRun* active_ = nullptr;  // changed under the mutex, while no node runs

  std::mutex mutex_;  // guards what follows, and the order of runs
  GraphRun* queued_ = nullptr;
  GraphRun* last_queued_ = nullptr;
  GraphRun* free_ = nullptr;
  ErrorRecord* first_error_ = nullptr;  // of runs that no wait has seen; counted
  int64_t time_[2] = {0, 0};            // ns that a run takes, per way; 0: not known
  uint32_t turns_ = 0;
  uint64_t begun_ = 0;
  std::atomic<uint64_t> ended_{0};
};

}  // namespace treadle::detail
