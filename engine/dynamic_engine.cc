#include "treadle/engine/dynamic_engine.h"

#include <memory>
#include <new>
#include <optional>
#include <thread>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/device/driver.h"
#include "treadle/engine/async_token.h"
#include "treadle/engine/cancellation_state.h"
#include "treadle/engine/error_record.h"
#include "treadle/engine/grant.h"
#include "treadle/engine/graph_core.h"
#include "treadle/engine/issued.h"
#include "treadle/engine/node_memory.h"

namespace treadle::detail {

const TaskExtras& Task::extras() const {
  static const TaskExtras none;
  if (kind == Kind::graph_node) return graph->extras_of(node);
  return has_extras ? own_extras() : none;
}

uint64_t Task::profile_id() const {
  return kind == Kind::graph_node ? graph->profile_id(node) : extras().mark.id;
}

namespace {

thread_local TaskFrame* innermost_frame = nullptr;

constexpr std::chrono::microseconds look_never{0}, look_often{1000};

std::string label_of(const Task& task) { return label(task.op_name(), task.node_name()); }

// The error of what was queued when the process ended; a count for the caller.
ErrorRecord* dropped_record(const Task& task) noexcept {
  std::exception_ptr error;
  try {
    throw Cancelled("the process ended before the task started.");
  } catch (...) {
    error = std::current_exception();
  }
  return ErrorRecord::create(std::move(error), task.op_name(), task.node_name());
}

// Bytes of a node before its task, so that a closure that must lie at a multiple of 16, and is of
// such a size, does: the closure comes after the task, and such a node at a multiple of 16.
size_t lead_of(size_t closure_size) noexcept {
  static_assert(sizeof(Task) % 16 == 8);
  return closure_size % 16 == 0 ? 8 : 0;
}

size_t closure_size_of(const Task& task) noexcept {
  return task.kind == Task::Kind::body ? task.operations->size : task.async_operations->size;
}

// Keeps an engine from being closed while another's thread hands a task to it.
struct Hold {
  explicit Hold(TaskCount& count) : count(count), phase(count.start()) {}
  ~Hold() { count.end(phase); }
  TaskCount& count;
  const uint8_t phase;
};

}  // namespace

void destroy_body(Task& task) noexcept {
  if (task.kind == Task::Kind::body) {
    task.operations->destroy(task.closure());
  } else {
    task.async_operations->destroy(task.closure());
  }
}

TaskFrame::TaskFrame(Task& task, DynamicEngine& engine, bool is_clean_up)
    : task(task),
      engine(engine),
      outer(std::exchange(innermost_frame, this)),
      is_clean_up(is_clean_up) {}
TaskFrame::~TaskFrame() { innermost_frame = outer; }
TaskFrame* TaskFrame::innermost() { return innermost_frame; }

bool DynamicEngine::in_task() const {
  for (TaskFrame* f = innermost_frame; f != nullptr; f = f->outer) {
    if (&f->engine == this) return true;
  }
  return false;
}

template <class Body>
void DynamicEngine::push_body(Body body, Task::Kind kind, std::span<const Variable> reads,
                              std::span<const Variable> writes, const TaskOptions& options) {
  if (!body) throw Error(label(options.op, options.node), ": push of an empty closure.");
  Stream* const stream = kind == Task::Kind::body && options.device.kind == DeviceKind::gpu
                             ? stream_of(options.device, options.lane)
                             : nullptr;
  const AccessSet set(reads, writes, options.op, options.node);
  const bool has_extras = options.op != "task" || !options.node.empty() || options.priority != 0 ||
                          options.device != Device() || options.lane != Lane::compute ||
                          options.bytes != 0 || options.cancellation.state() != nullptr ||
                          profiling();
  const size_t closure_size = body.operations().size;
  const size_t extras_at = sizeof(Task) + (closure_size + 7) / 8 * 8;
  const size_t accesses_at = extras_at + (has_extras ? sizeof(TaskExtras) : 0);
  const auto accesses = uint32_t(set.entries().size());
  size_t bytes = accesses_at + accesses * sizeof(Access);
  const size_t lead = lead_of(closure_size);
  if (lead != 0) bytes = (lead + bytes + 15) / 16 * 16;

  struct Node {
    void* memory;
    size_t bytes;
    ~Node() {
      if (memory != nullptr) free_node(memory, bytes);
    }
  } node{allocate_node(bytes), bytes};
  Task& task = *::new (static_cast<char*>(node.memory) + lead) Task;
  task.engine = this;
  task.kind = kind;
  task.access_count = accesses;
  task.bytes = uint32_t(bytes);
  task.accesses_at = uint8_t(accesses_at / 8);
  if (has_extras) {
    task.has_extras = true;
    task.has_priority = options.priority != 0;
    ::new (reinterpret_cast<char*>(&task) + extras_at)
        TaskExtras{.op = options.op.data(),
                   .node = options.node.data(),
                   .op_size = uint32_t(options.op.size()),
                   .node_size = uint32_t(options.node.size()),
                   .priority = options.priority,
                   .device = options.device,
                   .lane = options.lane,
                   .ends_at_issue = options.ends_at_issue,
                   .bytes = options.bytes,
                   .cancellation = options.cancellation.state(),
                   .mark = profiling() ? make_mark() : ProfileMark{}};
  }
  std::optional<StreamPart> stream_part;
  if (stream != nullptr) stream_part.emplace(task, *stream);
  make_room(1);
  prepare(task, set.entries());
  if (admission_.has_caps()) {
    try {
      admit(1, options.bytes);
    } catch (...) {
      unprepare(task);
      throw;
    }
  }
  node.memory = nullptr;  // nothing below throws before the task is queued
  if (options.cancellation.state() != nullptr) options.cancellation.state()->retain();
  if (stream_part) stream_part->give_to(task);
  const auto* operations = body.release_to(task.closure());
  if constexpr (std::is_same_v<Body, Closure>) {
    task.operations = operations;
  } else {
    task.async_operations = operations;
  }
  task.phase = count_task();
  pushed(task, link(task, set.entries()));
}

void DynamicEngine::admit(uint64_t tasks, uint64_t bytes) {
  if (!admission_.has_caps()) return;
  if (innermost_frame != nullptr) return admission_.enter(tasks, bytes);
  bool is_in = false;
  const auto enters = [&] { return is_in = is_in || admission_.try_enter(tasks, bytes); };
  if (!enters()) wait_until(&admission_, enters, look_often);
}

// What a task pushes is counted with it.
uint8_t DynamicEngine::count_task() noexcept {
  const TaskFrame* const pusher = innermost_frame;
  if (pusher == nullptr || &pusher->engine != this) return count_.start();
  const Task& task = pusher->task;
  return count_.start(task.kind == Task::Kind::graph_node ? task.graph->phase() : task.phase);
}

void DynamicEngine::push(Closure body, std::span<const Variable> reads,
                         std::span<const Variable> writes, const TaskOptions& options) {
  push_body(std::move(body), Task::Kind::body, reads, writes, options);
}

void DynamicEngine::push_async(AsyncClosure body, std::span<const Variable> reads,
                               std::span<const Variable> writes, const TaskOptions& options) {
  push_body(std::move(body), Task::Kind::async_body, reads, writes, options);
}

AsyncToken* DynamicEngine::execute(Task& task, TaskList& ready) noexcept {
  if (task.kind >= Task::Kind::graph_node) {
    task.graph->execute(task, ready);
    return nullptr;
  }
  prefetch(task);
  if (streams_in_use.load(std::memory_order_relaxed)) {
    if (await_streams(task)) return nullptr;
    if (task.on_stream) return issue(task, ready);
    if (ErrorRecord* error = take_stream_error(task)) {
      taint(task, *error);
      error->release();
      finish(task, ready);
      return nullptr;
    }
  }
  if (task.inherits_error.load(std::memory_order_relaxed) && inherited_error(task) != nullptr) {
    taint(task, *inherited_error(task));
  } else if (ErrorRecord* error = refuse(task)) {
    taint(task, *error);
    error->release();
  } else if (task.kind == Task::Kind::body) {
    const TaskTimer timer(task.extras(), task.extras().mark);
    try {
      TaskFrame frame(task, *this);
      task.operations->invoke(task.closure());
    } catch (...) {
      fail(task, std::current_exception());
    }
  } else {
    AsyncToken* token = nullptr;
    try {
      token = AsyncToken::create(task);
      if (task.profile_id() != 0 && profiling()) token->started = profile_now();
      TaskFrame frame(task, *this);
      task.async_operations->invoke(task.closure(), token->completion());
    } catch (...) {
      if (token != nullptr) {
        token->body_error = std::current_exception();
      } else {
        fail(task, std::current_exception());
      }
    }
    if (token != nullptr) {
      token->step();
      return token;
    }
  }
  finish(task, ready);
  return nullptr;
}

void DynamicEngine::end_async(AsyncToken& token) noexcept {
  const void* const drains = &drains_;
  // The engine must stay until what became ready is handed on, although its last task may end here.
  std::optional<Hold> hold(std::in_place, count_);
  if (token.body_error != nullptr) {
    fail(*token.task, std::exchange(token.body_error, nullptr));
  } else if (token.error != nullptr) {
    fail(*token.task, std::exchange(token.error, nullptr));
  }
  if (token.started >= 0) {
    const TaskExtras& extras = token.task->extras();
    record_task(extras, extras.mark, token.started);
  }
  TaskList ready;
  finish(*token.task, ready);
  hand_over(ready);
  hold.reset();
  unpark_all(drains);
  token.ended.store(true, std::memory_order_release);
  unpark_all(&token);
}

ErrorRecord* DynamicEngine::refuse(Task& task) noexcept {
  if (dropping_.load(std::memory_order_relaxed)) return dropped_record(task);
  CancellationState* cancellation = nullptr;
  if (task.kind == Task::Kind::graph_node) {
    cancellation = task.graph->cancellation();
  } else if (task.has_extras) {
    cancellation = task.extras().cancellation;
  }
  if (cancellation == nullptr || !cancellation->is_set()) return nullptr;
  bool is_new = false;
  ErrorRecord* record = cancellation->record(task.op_name(), task.node_name(), is_new);
  if (is_new) errors_.add(*record);
  return record;
}

ErrorRecord* DynamicEngine::keep_error(Task& task, std::exception_ptr error) noexcept {
  ErrorRecord* record = ErrorRecord::create(std::move(error), task.op_name(), task.node_name());
  errors_.add(*record);
  return record;
}

void DynamicEngine::fail(Task& task, std::exception_ptr error) noexcept {
  ErrorRecord* record = keep_error(task, std::move(error));
  taint(task, *record);
  record->release();
}

void DynamicEngine::finish(Task& task, TaskList& ready) noexcept {
  if (task.is_issued()) {
    end_issued(task);
  } else {
    // What the closure owns goes before anyone is told that the task has ended; the engine itself
    // may be among it.
    TaskFrame frame(task, *this, true);
    destroy_body(task);
  }
  if (!task.is_issued()) release_profiled(task, task.profile_id(), ready);
  uint64_t bytes_held = 0;
  if (task.has_extras) {
    bytes_held = task.extras().bytes;
    if (auto* cancellation = task.extras().cancellation) cancellation->release();
  }
  if (admission_.has_caps()) admission_.leave(1, bytes_held);
  const uint8_t phase = task.phase;
  const uint32_t bytes = task.bytes;
  const size_t lead = lead_of(closure_size_of(task));
  task.~Task();
  free_node(reinterpret_cast<char*>(&task) - lead, bytes);
  count_.end(phase);
}

void DynamicEngine::release_profiled(Task& task, uint64_t id, TaskList& ready) noexcept {
  if (id == 0 || !profiling()) return release(task, ready);
  TaskList released;
  release(task, released);
  released.for_each([id](Task& next) { record_dependency(id, next.profile_id()); });
  ready.append(released);
}

TaskList DynamicEngine::own(TaskList ready) noexcept {
  TaskList mine;
  while (Task* task = ready.pop()) {
    if (task->engine == this) {
      mine.push(*task);
    } else {
      const Hold hold(task->engine->count_);
      task->engine->ready(*task);
    }
  }
  return mine;
}

void DynamicEngine::hand_over(TaskList ready) noexcept {
  TaskList mine = own(ready);
  while (Task* task = mine.pop()) this->ready(*task);
}

void DynamicEngine::block(const void* key, FunctionRef<bool()> done, Interruption& interruption) {
  for (TaskFrame* f = innermost_frame; f != nullptr; f = f->outer) {
    if (f->task.kind != Task::Kind::graph_node) continue;
    TaskList ready;
    f->task.graph->before_wait(f->task, ready);
    f->engine.hand_over(ready);
  }
  wait_until(key, done, interruption.is_possible() ? Interruption::period : look_never,
             interruption);
}

// One more access to a variable, in line behind what was pushed so far, of a task that is the
// thread that waits.
struct DynamicEngine::Waiter {
  Task task;
  alignas(Access) std::byte accesses[sizeof(Access)];

  static void* operator new(size_t bytes) { return allocate_node(bytes); }
  static void operator delete(void* waiter, size_t bytes) { free_node(waiter, bytes); }

  bool is_granted() const { return task.missing.load(std::memory_order_acquire) == 0; }
};

void DynamicEngine::wait_for(const Variable& variable, bool to_write) {
  const char* const call = to_write ? "Engine.wait_to_write" : "Engine.wait";
  if (!variable.valid()) throw Error(call, ": the Variable is empty; nothing can be queued on it.");
  for (TaskFrame* f = innermost_frame; f != nullptr; f = f->outer) {
    if (f->task.is_issued()) continue;
    for (uint32_t i = 0; i < f->task.access_count; ++i) {
      const Access& access = f->task.accesses()[i];
      if (!access.epoch()->is_of(variable.state())) continue;
      if (access.kind() == Access::Kind::read && !to_write) continue;
      throw Error(call, ": the task ", label_of(f->task), " waits for variable '", variable.name(),
                  "', which it ", access.kind() == Access::Kind::read ? "reads" : "writes",
                  " itself, so it would wait for its own end. Use the value without waiting.");
    }
  }
  ErrorRecord* error = nullptr;
  if (!settled(*variable.state(), to_write, error)) {
    try {
      error = stand_in_line(variable, to_write, call);
    } catch (const std::bad_alloc&) {
      // No memory for a place in line. A caller whose memory a task uses cannot do with less than
      // the end of it.
      error = look_until_settled(*variable.state(), to_write, call);
    }
  }
  if (error != nullptr) error->raise_and_release();
}

ErrorRecord* DynamicEngine::stand_in_line(const Variable& variable, bool to_write,
                                          const char* call) {
  const Variable* one = &variable;
  const std::span<const Variable> reads(one, 1);
  const AccessSet set(reads, to_write ? reads : std::span<const Variable>(), call, {});
  Interruption interruption;
  Waiter on_stack;  // takes no memory; one that may be abandoned outlives this call
  auto abandonable = interruption.is_possible() ? std::make_unique<Waiter>() : nullptr;
  Waiter& waiter = abandonable ? *abandonable : on_stack;
  Task& task = waiter.task;
  task.engine = this;
  task.kind = Task::Kind::waiter;
  task.access_count = 1;
  task.accesses_at = uint8_t(sizeof(Task) / 8);
  prepare(task, set.entries());
  if (!link(task, set.entries())) {
    block(&task, [&] { return waiter.is_granted(); }, interruption);
    if (!waiter.is_granted() && abandon(abandonable)) throw_interrupted(call);
  }
  ErrorRecord* const error = end_wait(waiter);
  if (!interruption.has_come()) return error;
  if (error != nullptr) error->release();
  throw_interrupted(call);
}

ErrorRecord* DynamicEngine::look_until_settled(VariableState& state, bool to_write,
                                               const char* call) {
  Interruption interruption;
  ErrorRecord* error = nullptr;
  bool is_settled = false;
  const auto done = [&] { return is_settled = is_settled || settled(state, to_write, error); };
  wait_until(&state, done, look_often, interruption);
  if (!is_settled) throw_interrupted(call);
  return error;
}

// Gives the variable back, once it is granted; the error that it has, counted, or null.
ErrorRecord* DynamicEngine::end_wait(Waiter& waiter) {
  Task& task = waiter.task;
  if (!waiter.is_granted()) wait_until(&task, [&] { return waiter.is_granted(); });
  ErrorRecord* error = nullptr;
  if (streams_in_use.load(std::memory_order_relaxed)) {
    await_streams_of_waiter(task);
    error = take_stream_error(task);
    if (error != nullptr) taint(task, *error);
  }
  if (error == nullptr) {
    error = inherited_error(task);
    if (error != nullptr) error->retain();
  }
  TaskList ready;
  release(task, ready);
  hand_over(ready);
  wait_released();
  return error;
}

// Leaves the place in line to a thread of its own, which gives the variable back when its turn has
// come; counted, so that the engine stays until then. False when there can be no thread.
bool DynamicEngine::abandon(std::unique_ptr<Waiter>& waiter) noexcept {
  const uint8_t phase = count_.start();
  try {
    std::thread([this, phase, left = waiter.get()] {
      const std::unique_ptr<Waiter> own(left);
      if (ErrorRecord* error = end_wait(*own)) error->release();
      count_.end(phase);
    }).detach();
  } catch (...) {
    count_.end(phase);
    return false;
  }
  (void)waiter.release();  // the thread's now
  return true;
}

void DynamicEngine::drain(Interruption& interruption) {
  TaskCount::Drain all(count_);
  if (all.done()) return;
  drains_.fetch_add(1, std::memory_order_seq_cst);
  wait_until(&drains_, [&] { return all.done(); }, look_often, interruption);
  drains_.fetch_sub(1, std::memory_order_seq_cst);
}

void DynamicEngine::wake_drains() noexcept {
  if (drains_.load(std::memory_order_seq_cst) != 0) unpark_all(&drains_);
}

void DynamicEngine::wait_all() {
  for (TaskFrame* f = innermost_frame; f != nullptr; f = f->outer) {
    if (&f->engine != this) continue;
    throw Error("Engine.wait_all: called inside the task ", label_of(f->task),
                ", which would wait for its own end. Wait for single variables there.");
  }
  Interruption interruption;
  drain(interruption);
  if (interruption.has_come()) throw_interrupted("Engine.wait_all");
  errors_.raise_first();
}

void DynamicEngine::close() noexcept {
  Interruption never(nullptr);
  drain(never);
  quiesce();
  errors_.print_unreported();
}

bool DynamicEngine::close_at_exit() noexcept {
  dropping_.store(true, std::memory_order_relaxed);
  if (in_task()) return false;  // the program called exit inside a task
  const auto moves = [this] {
    return is_running() || on_streams_.load(std::memory_order_relaxed) != 0;
  };
  while (!count_.empty() && moves()) {
    wait_until(&drains_, [&] { return count_.empty() || !moves(); }, look_often);
  }
  if (!count_.empty()) return false;
  quiesce();
  errors_.print_unreported();
  return true;
}

void DynamicEngine::after_fork_child() noexcept {
  count_.reset();
  errors_.reset();
  drains_.store(0, std::memory_order_relaxed);
  admission_.reset();
  on_streams_.store(0, std::memory_order_relaxed);
}

std::shared_ptr<DynamicEngine> own_engine(DynamicEngine* engine) {
  return {engine, [](DynamicEngine* e) {
            const auto end = [e] {
              e->close();
              delete e;
            };
            if (e->in_task()) {
              std::thread(end).detach();
            } else {
              end();
            }
          }};
}

}  // namespace treadle::detail
