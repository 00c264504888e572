#include "treadle/engine/graph_core.h"

#include <algorithm>
#include <new>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/device/parking.h"
#include "treadle/engine/error_record.h"
#include "treadle/engine/issued.h"
#include "treadle/engine/prefetch.h"

namespace treadle::detail {
namespace {

// Whether somebody's work on a stream may stand before this node.
bool follows_streams(const Task& task) noexcept {
  return task.access_count != 0 && streams_in_use.load(std::memory_order_relaxed);
}

}  // namespace

GraphCore::GraphCore(GraphPlan plan, std::shared_ptr<DynamicEngine> engine)
    : plan_(std::move(plan)),
      engine_(std::move(engine)),
      tasks_(std::make_unique<Line[]>(plan_.own_lines)),
      errors_(plan_.nodes.size(), nullptr),
      carried_(plan_.internal_count, nullptr) {
  for (GraphPlan::Node& node : plan_.nodes) {  // only now do the strings stay where they are
    node.extras.op = node.op.data();
    node.extras.op_size = uint32_t(node.op.size());
    node.extras.node = node.name.data();
    node.extras.node_size = uint32_t(node.name.size());
  }
  for (uint32_t i = 0; i < plan_.nodes.size(); ++i) {
    if (plan_.nodes[i].external.empty()) make_task(tasks_.get(), i);
  }
}

GraphCore::~GraphCore() {
  while (free_ != nullptr) delete std::exchange(free_, free_->next);
  for (ErrorRecord* error : carried_) {
    if (error != nullptr) error->release();
  }
  if (first_error_ != nullptr) first_error_->release();
}

void GraphCore::make_task(Line* base, uint32_t node) noexcept {
  Task& task = *::new (base + plan_.place[node].line) Task;
  task.missing.store(int32_t(plan_.predecessors[node]), std::memory_order_relaxed);
  task.kind = Task::Kind::graph_node;
  task.engine = engine_.get();
  task.graph = this;
  task.node = node;
  task.has_priority = plan_.nodes[node].extras.priority != 0;
  task.access_count = uint32_t(plan_.nodes[node].external.size());
  task.accesses_at = uint8_t(sizeof(Task) / 8);
}

Task& GraphCore::task_of(const GraphRun& run, uint32_t node) const noexcept {
  const GraphPlan::Place place = plan_.place[node];
  Line* const base = place.is_external ? run.tasks.get() : tasks_.get();
  return *std::launder(reinterpret_cast<Task*>(base + place.line));
}

// A run whose nodes wait for nothing yet; throws std::bad_alloc.
GraphRun* GraphCore::take_run() {
  if (free_ != nullptr) return std::exchange(free_, free_->next);
  auto run = std::make_unique<GraphRun>();
  run->tasks = std::make_unique<Line[]>(plan_.run_lines);
  for (const uint32_t i : plan_.external_nodes) make_task(run->tasks.get(), i);
  run->unit.kind = Task::Kind::graph_run;
  run->unit.engine = engine_.get();
  run->unit.graph = this;
  return run.release();
}

void GraphCore::run(std::shared_ptr<const void> argument, const CancellationToken& cancellation) {
  if (plan_.nodes.empty()) return;
  engine_->admit(plan_.nodes.size(), 0);
  struct Admitted {
    Admission* admission;
    uint64_t tasks;
    ~Admitted() {
      if (admission != nullptr && admission->has_caps()) admission->leave(tasks, 0);
    }
  } admitted{&engine_->admission_, plan_.nodes.size()};
  GraphRun* run = nullptr;
  bool starts = false;
  {
    const std::lock_guard lock(mutex_);
    engine_->make_room(plan_.nodes.size() + 1);
    run = take_run();
    size_t prepared = 0;
    try {
      for (const uint32_t i : plan_.external_nodes) {
        prepare(task_of(*run, i), plan_.nodes[i].external);
        ++prepared;
      }
    } catch (...) {
      while (prepared > 0) unprepare(task_of(*run, plan_.external_nodes[--prepared]));
      run->next = std::exchange(free_, run);
      throw;
    }
    admitted.admission = nullptr;  // the end of the run takes it back
    run->graph = shared_from_this();
    run->cancellation = cancellation;
    run->argument = std::move(argument);
    run->next = nullptr;
    run->mark = profiling() ? make_mark(uint32_t(plan_.nodes.size())) : ProfileMark{};
    run->unit.phase = engine_->count_task();
    for (const uint32_t i : plan_.external_nodes) {
      Task& task = task_of(*run, i);
      task.inherits_error.store(false, std::memory_order_relaxed);
      link(task, plan_.nodes[i].external, 1);  // which keeps it back until the run starts
    }
    ++begun_;
    starts = active_ == nullptr;
    if (starts) {
      start(*run);
    } else {
      (last_queued_ != nullptr ? last_queued_->next : queued_) = run;
      last_queued_ = run;
    }
  }
  if (starts) engine_->pushed(run->unit, true);
}

// Makes `run` the active one; its unit is ready then. Under the mutex.
void GraphCore::start(GraphRun& run) noexcept {
  active_ = &run;
  way_ = chosen_ = choose();
  if (measures()) started_ = std::chrono::steady_clock::now();
}

bool GraphCore::measures() const noexcept {
  return engine_->kind() == EngineKind::threaded && !plan_.is_serial &&
         engine_->pool()->concurrency() > 1;
}

GraphCore::Way GraphCore::choose() noexcept {
  if (engine_->kind() == EngineKind::replay) return Way::spread;
  if (!measures()) return Way::in_line;
  const Way faster =
      time_[size_t(Way::in_line)] <= time_[size_t(Way::spread)] ? Way::in_line : Way::spread;
  const Way slower = faster == Way::in_line ? Way::spread : Way::in_line;
  const uint32_t turn = turns_++;
  if (turn < 8) return turn % 2 == 0 ? Way::spread : Way::in_line;
  return turn % probe_every == 0 ? slower : faster;
}

// Under the mutex.
void GraphCore::note_time() noexcept {
  if (!measures()) return;
  const int64_t now = (std::chrono::steady_clock::now() - started_).count();
  int64_t& known = time_[size_t(chosen_)];
  // The least counts, since much may hold a run up; but a graph that has become slower must show.
  known = known == 0 ? now : std::min(now, known + known / 8);
}

void GraphCore::execute(Task& task, TaskList& ready) noexcept {
  if (task.kind == Task::Kind::graph_node) {
    const uint32_t node = task.node;
    if (follows_streams(task) && engine_->await_streams(task)) return;
    run_node(task, node);
    hand_on(task, node, ready);
  } else if (way_ == Way::in_line) {
    run_in_line(ready);
  } else {
    spread(ready);
  }
}

void GraphCore::run_in_line(TaskList& ready) noexcept {
  const GraphRun& run = *active_;
  const auto count = uint32_t(plan_.nodes.size());
  for (uint32_t i = 0; i < count; ++i) {
    Task& task = task_of(run, i);
    const bool is_external = task.access_count != 0;
    // Acquire: partner of the last grant.
    if (is_external && (task.missing.load(std::memory_order_acquire) != 1 ||
                        (follows_streams(task) && first_to_await(task, nullptr) != nullptr))) {
      return spread_from(i, false, ready);
    }
    run_node(task, i);
    if (way_ == Way::spread) return hand_on(task, i, ready);  // see before_wait
    if (!is_external) continue;
    TaskList released;
    engine_->release_profiled(task, profile_id(i), released);
    engine_->hand_over(released);
  }
  finish(ready);
}

void GraphCore::before_wait(Task& task, TaskList& ready) noexcept {
  if (way_ == Way::in_line) spread_from(task.node, true, ready);
}

// Starts the nodes that wait for nothing. The counters of the graph's own tasks stand at their
// predecessors already; those of tasks with external accesses are added to, and have been kept back
// by one until all of them are right.
void GraphCore::spread(TaskList& ready) noexcept {
  const GraphRun& run = *active_;
  sinks_left_.store(uint32_t(plan_.sinks.size()), std::memory_order_relaxed);
  for (const uint32_t i : plan_.roots) ready.push(task_of(run, i));
  for (const uint32_t i : plan_.external_nodes) {
    task_of(run, i).missing.fetch_add(int32_t(plan_.predecessors[i]), std::memory_order_relaxed);
  }
  // The run cannot end before its last external node is let go, nor before the roots run.
  for (const uint32_t i : plan_.external_nodes) {
    Task& task = task_of(run, i);
    if (task.missing.fetch_sub(1, std::memory_order_acq_rel) == 1) ready.push(task);
  }
}

// Counts, for the nodes from `first` on, their predecessors among these, and starts those that wait
// for nothing. All before `first` have ended; `first` itself may be running on this thread.
void GraphCore::spread_from(uint32_t first, bool is_running, TaskList& ready) noexcept {
  way_ = Way::spread;
  const GraphRun& run = *active_;
  const auto count = uint32_t(plan_.nodes.size());
  for (uint32_t i = first; i < count; ++i) {
    if (plan_.place[i].is_external) continue;
    task_of(run, i).missing.store(1,
                                  std::memory_order_relaxed);  // published as nodes are handed on
  }
  for (uint32_t i = first; i < count; ++i) {
    for (const uint32_t s : plan_.successors[i]) {
      task_of(run, s).missing.fetch_add(1, std::memory_order_relaxed);
    }
  }
  const auto sink = std::ranges::lower_bound(plan_.sinks, first);
  sinks_left_.store(uint32_t(plan_.sinks.end() - sink), std::memory_order_relaxed);
  // Each node has been kept back by one until all the numbers were right. The last node is a sink,
  // so the run cannot end before the loop does.
  for (uint32_t i = is_running ? first + 1 : first; i < count; ++i) {
    Task& task = task_of(run, i);
    if (task.missing.fetch_sub(1, std::memory_order_acq_rel) == 1) ready.push(task);
  }
}

void GraphCore::run_node(Task& task, uint32_t node) noexcept {
  ErrorRecord* error = nullptr;  // counted
  if (follows_streams(task)) error = engine_->take_stream_error(task);
  if (error == nullptr) {
    if (has_carried_ || failed_.load(std::memory_order_relaxed)) error = inherited(node);
    if (error == nullptr && task.inherits_error.load(std::memory_order_relaxed)) {
      error = inherited_error(task);
    }
    if (error != nullptr) error->retain();
  }
  if (error == nullptr) error = engine_->refuse(task);
  if (error == nullptr) {
    prefetch(task);
    if (way_ == Way::spread) {
      for (const uint32_t s : plan_.successors[node]) {
        prefetch_to_write(&task_of(*active_, s));
        __builtin_prefetch(&plan_.nodes[s].body);
      }
    }
    const uint64_t id = profile_id(node);
    const TaskTimer timer(plan_.nodes[node].extras, {id, active_->mark.queued});
    if (id != 0 && profiling()) {
      for (const uint32_t s : plan_.successors[node]) record_dependency(id, profile_id(s));
    }
    try {
      const TaskFrame frame(task, *engine_);
      plan_.nodes[node].body(active_->argument.get());
      return;
    } catch (...) {
      error = engine_->keep_error(task, std::current_exception());
    }
  }
  taint(task, *error);
  errors_[node] = error;
  // Before the nodes behind this one are granted, so that they see it.
  failed_.store(true, std::memory_order_relaxed);
}

ErrorRecord* GraphCore::inherited(uint32_t node) const noexcept {
  for (const uint32_t p : plan_.producers[node]) {
    if (errors_[p] != nullptr) return errors_[p];
  }
  for (const uint32_t v : plan_.carried_in[node]) {
    if (carried_[v] != nullptr) return carried_[v];
  }
  return nullptr;
}

// The graph may be gone once the last successor, or the last sink, has been counted down.
void GraphCore::hand_on(Task& task, uint32_t node, TaskList& ready) noexcept {
  const std::span<const uint32_t> successors = plan_.successors[node];
  const GraphRun& run = *active_;
  if (task.access_count != 0) {
    engine_->release_profiled(task, profile_id(node), ready);
  } else {
    task.missing.store(int32_t(plan_.predecessors[node]),
                       std::memory_order_relaxed);  // for the next run
  }
  for (const uint32_t s : successors) {
    Task& next = task_of(run, s);
    // Release what this node did; acquire what the others did.
    if (next.missing.fetch_sub(1, std::memory_order_acq_rel) == 1) ready.push(next);
  }
  if (successors.empty() && sinks_left_.fetch_sub(1, std::memory_order_acq_rel) == 1) finish(ready);
}

// The run's errors become those of the internal variables that it wrote.
void GraphCore::keep_errors() noexcept {
  const auto first = std::ranges::find_if(errors_, [](auto* e) { return e != nullptr; });
  if (first != errors_.end()) {
    const std::lock_guard lock(mutex_);
    if (first_error_ == nullptr) {
      first_error_ = *first;
      first_error_->retain();
    }
  }
  has_carried_ = false;
  for (size_t v = 0; v < carried_.size(); ++v) {
    if (const int32_t writer = plan_.last_writer[v]; writer >= 0) {
      ErrorRecord* now = errors_[size_t(writer)];
      if (now != nullptr) now->retain();
      if (ErrorRecord* before = std::exchange(carried_[v], now)) before->release();
    }
    has_carried_ = has_carried_ || carried_[v] != nullptr;
  }
  for (ErrorRecord*& error : errors_) {
    if (error != nullptr) std::exchange(error, nullptr)->release();
  }
  failed_.store(false, std::memory_order_relaxed);
}

void GraphCore::finish(TaskList& ready) noexcept {
  DynamicEngine& engine = *engine_;
  if (has_carried_ || failed_.load(std::memory_order_relaxed)) keep_errors();
  std::shared_ptr<GraphCore> self;
  std::shared_ptr<const void> argument;
  CancellationToken cancellation;
  uint8_t phase = 0;
  {
    const std::lock_guard lock(mutex_);
    note_time();
    GraphRun* run = active_;
    phase = run->unit.phase;
    self = std::move(run->graph);
    argument = std::move(run->argument);
    cancellation = std::move(run->cancellation);
    run->next = std::exchange(free_, run);
    active_ = nullptr;
    if (GraphRun* next = queued_; next != nullptr) {
      queued_ = next->next;
      if (queued_ == nullptr) last_queued_ = nullptr;
      start(*next);
      ready.push(next->unit);
    }
  }
  if (engine.admission_.has_caps()) engine.admission_.leave(plan_.nodes.size(), 0);
  ended_.fetch_add(1, std::memory_order_release);
  unpark_all(this);
  {
    Task nothing;
    nothing.phase = phase;
    const TaskFrame frame(nothing, engine, true);  // the engine itself may be among what goes
    argument.reset();
    self.reset();
  }
  engine.count_.end(phase);
}

void GraphCore::wait() {
  const std::shared_ptr<GraphCore> self = shared_from_this();
  for (TaskFrame* f = TaskFrame::innermost(); f != nullptr; f = f->outer) {
    if (f->task.kind != Task::Kind::graph_node || f->task.graph != this) continue;
    throw Error("TaskGraph.wait: called inside the node ",
                label(f->task.op_name(), f->task.node_name()),
                " of the same graph, which would wait for its own end.");
  }
  uint64_t target = 0;
  {
    const std::lock_guard lock(mutex_);
    target = begun_;
  }
  const auto done = [&] { return ended_.load(std::memory_order_acquire) >= target; };
  if (!done()) {
    Interruption interruption;
    engine_->block(this, done, interruption);
    if (interruption.has_come()) throw_interrupted("TaskGraph.wait");
  }
  ErrorRecord* error = nullptr;
  {
    const std::lock_guard lock(mutex_);
    error = std::exchange(first_error_, nullptr);
  }
  if (error == nullptr) return;
  if (!error->reported.load(std::memory_order_relaxed)) error->raise_and_release();
  error->release();
}

// What was under way belongs to the parent.
void GraphCore::after_fork_child() noexcept {
  ::new (&mutex_) std::mutex;
  active_ = queued_ = last_queued_ = nullptr;
  begun_ = 0;
  ended_.store(0, std::memory_order_relaxed);
  failed_.store(false, std::memory_order_relaxed);
  for (ErrorRecord*& error : errors_) error = nullptr;
  for (uint32_t i = 0; i < plan_.nodes.size(); ++i) {
    if (!plan_.place[i].is_external) make_task(tasks_.get(), i);
  }
}

}  // namespace treadle::detail
