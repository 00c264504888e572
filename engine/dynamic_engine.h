// What the threaded and the serial engine share: everything but the decision which thread runs a
// ready task. Internal.
#pragma once

#include "treadle/core/function_ref.h"
#include "treadle/device/fork.h"
#include "treadle/engine/admission.h"
#include "treadle/engine/engine.h"
#include "treadle/engine/error_log.h"
#include "treadle/engine/interrupt.h"
#include "treadle/engine/task.h"
#include "treadle/engine/task_count.h"

namespace treadle::detail {

struct AsyncToken;
struct Issued;

// A task that the calling thread is inside of; the frames of one thread form a list, since a task
// that waits helps to run others.
struct TaskFrame {
  // `is_clean_up`: the task has ended, what it owns goes.
  TaskFrame(Task& task, DynamicEngine& engine, bool is_clean_up = false);
  ~TaskFrame();
  TaskFrame(const TaskFrame&) = delete;
  TaskFrame& operator=(const TaskFrame&) = delete;

  static TaskFrame* innermost();

  Task& task;
  DynamicEngine& engine;
  TaskFrame* const outer;
  const bool is_clean_up;
};

class DynamicEngine : public Engine, protected ForkAware {
  friend class GraphCore;

 public:
  // `options` with a pool.
  explicit DynamicEngine(const EngineOptions& options)
      : pool_(options.pool), admission_(options.max_tasks, options.max_bytes) {}

  const std::shared_ptr<Pool>& pool() const final { return pool_; }
  Variable variable(std::string_view name) final { return Variable::create(name); }
  void push(Closure body, std::span<const Variable> reads, std::span<const Variable> writes,
            const TaskOptions& options) final;
  void push_async(AsyncClosure body, std::span<const Variable> reads,
                  std::span<const Variable> writes, const TaskOptions& options) final;
  void wait(const Variable& variable) final { wait_for(variable, false); }
  void wait_to_write(const Variable& variable) final { wait_for(variable, true); }
  void wait_all() final;

  // Takes a task all of whose variables are granted. From any thread, under no lock.
  virtual void ready(Task& task) noexcept = 0;
  // The task of `token` has returned and is completed. From any thread.
  void end_async(AsyncToken& token) noexcept;
  // The work of a task on a stream has ended, with what it threw. From a thread of the driver.
  void stream_done(Issued& issued, std::exception_ptr thrown) noexcept;

  // Whether the calling thread is inside a task of this engine.
  bool in_task() const;
  // Ends the engine before its destructor: lets what is queued complete and its threads go.
  void close() noexcept;
  // As the process ends: drops what has not started and waits for what runs. False when a task is
  // still open that only an outside event can end; then the engine must not be destroyed.
  bool close_at_exit() noexcept;

 protected:
  // Sees to it that `pushed` and `ready` need no memory for so many more tasks; may throw.
  virtual void make_room(size_t tasks) { (void)tasks; }
  // Takes a task that was just pushed, and that is ready if `granted`.
  virtual void pushed(Task& task, bool granted) = 0;
  // Returns when done() is true, running tasks meanwhile where it can, or when the wait is called
  // off. Who makes it true calls unpark_all(key), or it is looked at so often, unless that is 0.
  virtual void wait_until(const void* key, FunctionRef<bool()> done,
                          std::chrono::microseconds look_every, Interruption& interruption) = 0;
  void wait_until(const void* key, FunctionRef<bool()> done,
                  std::chrono::microseconds look_every = {}) {
    Interruption never(nullptr);
    wait_until(key, done, look_every, never);
  }
  // This thread has waited for a variable and has given it back.
  virtual void wait_released() {}
  // Returns when no thread is or will be inside this engine's own code, given that no task is left.
  virtual void quiesce() noexcept = 0;
  // Whether a task that may not start yet, for the sake of a stream, can be given to ready() later;
  // where it cannot, its thread waits.
  virtual bool puts_off() const { return false; }
  // Whether some thread is running a task.
  virtual bool is_running() noexcept = 0;
  virtual void after_fork_child() noexcept override;

  // Runs or skips a granted task; what becomes ready is appended to `ready`. An asynchronous one
  // may end later: then the token is given, with a count for the caller, else null.
  AsyncToken* execute(Task& task, TaskList& ready) noexcept;
  // Gives tasks of other engines to them and returns those of this one.
  TaskList own(TaskList ready) noexcept;
  // Gives each task to its engine.
  void hand_over(TaskList ready) noexcept;
  // Wakes threads that wait for the end of all tasks, after one may have been the last.
  void wake_drains() noexcept;

 private:
  template <class Body>
  void push_body(Body body, Task::Kind kind, std::span<const Variable> reads,
                 std::span<const Variable> writes, const TaskOptions& options);
  void wait_for(const Variable& variable, bool to_write);
  struct Waiter;
  // Both wait, and give the error that the variable has, counted, or null.
  ErrorRecord* stand_in_line(const Variable& variable, bool to_write, const char* call);
  ErrorRecord* look_until_settled(VariableState& state, bool to_write, const char* call);
  ErrorRecord* end_wait(Waiter& waiter);
  bool abandon(std::unique_ptr<Waiter>& waiter) noexcept;
  void drain(Interruption& interruption);
  // wait_until for a thread that may be inside tasks.
  void block(const void* key, FunctionRef<bool()> done, Interruption& interruption);
  uint8_t count_task() noexcept;
  // Returns when there is room under the caps, if there are any.
  void admit(uint64_t tasks, uint64_t bytes);
  // Why `task` must not run, although its inputs are good, or null; counted.
  ErrorRecord* refuse(Task& task) noexcept;
  // The record of what `task` threw, counted, and kept for wait_all.
  ErrorRecord* keep_error(Task& task, std::exception_ptr error) noexcept;
  void fail(Task& task, std::exception_ptr error) noexcept;
  void finish(Task& task, TaskList& ready) noexcept;
  // release(), after which the profiler knows what waited for the task, whose number is `id`.
  void release_profiled(Task& task, uint64_t id, TaskList& ready) noexcept;
  // What tasks on streams need, in stream_tasks.cc.
  AsyncToken* issue(Task& task, TaskList& ready) noexcept;
  bool await_streams(Task& task) noexcept;
  void await_streams_of_waiter(Task& waiter);
  ErrorRecord* take_stream_error(Task& task) noexcept;
  void end_issued(Task& task) noexcept;

  const std::shared_ptr<Pool> pool_;
  Admission admission_;
  TaskCount count_;
  ErrorLog errors_;
  std::atomic<int32_t> drains_{0};      // threads inside drain()
  std::atomic<int32_t> on_streams_{0};  // tasks issued and not ended
  std::atomic<bool> dropping_{false};   // close_at_exit has been called
};

// Of dynamic_engine.cc, for stream_tasks.cc.
void destroy_body(Task& task) noexcept;

std::shared_ptr<DynamicEngine> make_threaded_engine(const EngineOptions& options);
std::shared_ptr<DynamicEngine> make_serial_engine(const EngineOptions& options);
std::shared_ptr<DynamicEngine> make_replay_engine(const EngineOptions& options);

// The last owner closes the engine before it is destroyed; inside one of its own tasks that would
// wait for itself, so a thread of its own does it there.
std::shared_ptr<DynamicEngine> own_engine(DynamicEngine* engine);

}  // namespace treadle::detail
