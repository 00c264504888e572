// The dependency engine: tasks declare the variables they read and write and run as soon as those
// variables grant it. It knows no tensors; `docs/architecture/engine.md` has the picture.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "treadle/core/device.h"
#include "treadle/device/pool.h"
#include "treadle/device/stream.h"
#include "treadle/engine/cancellation.h"
#include "treadle/engine/closure.h"
#include "treadle/engine/completion.h"
#include "treadle/engine/variable.h"

namespace treadle {

// Which order an engine runs tasks in. All of them give the same bits.
enum class EngineKind {
  threaded,  // on the pool, as soon as inputs are ready
  serial,    // inside push, in push order; for debugging
  replay,    // on the threads that push and wait, one task at a time, in a legal order drawn from a
             // seed: the same each time where one thread pushes; finds and repeats faults of order
};

struct TaskOptions {
  // Operator and node for errors and traces; the text must outlive the task (a literal, or owned by
  // what the closure keeps alive).
  std::string_view op = "task";
  std::string_view node = {};
  // Among ready tasks the higher one starts first.
  int priority = 0;
  // On an accelerator the closure queues its work on stream_of(device, lane) and returns; the task
  // has ended when that work has. Tasks that follow it on streams are issued at once.
  Device device = {};
  Lane lane = Lane::compute;
  // Of a task on a stream: its closure goes when the work is issued, not when it has ended. For
  // closures that own nothing but arrays of devices, whose memory is freed in stream order.
  bool ends_at_issue = false;
  // What the task keeps in memory until it has ended; counts towards EngineOptions::max_bytes.
  uint64_t bytes = 0;
  // Looked at before the task starts.
  CancellationToken cancellation = {};
};

struct EngineOptions {
  EngineKind kind = EngineKind::threaded;
  // The pool that runs tasks; the process-wide one when empty.
  std::shared_ptr<Pool> pool = {};
  // Of `replay`.
  uint64_t seed = 0;
  // Caps on what is pushed and has not ended; 0: none. A push beyond one of them blocks, running
  // tasks meanwhile, until there is room. A push from inside a task never does, since the task
  // itself may be what has to end; it counts all the same. Something larger than a cap is let in
  // when nothing else is in flight.
  uint64_t max_tasks = 0;
  uint64_t max_bytes = 0;  // the sum of TaskOptions::bytes
};

class Engine {
 public:
  static std::shared_ptr<Engine> create(EngineOptions options = {});

  // The process's engine, made on first use as TREADLE_ENGINE (threaded, serial or replay:SEED) or
  // MXNET_ENGINE_TYPE says.
  static const std::shared_ptr<Engine>& get_default();
  // Replaces it; work queued on the old one still completes. Returns the old one.
  static std::shared_ptr<Engine> set_default(std::shared_ptr<Engine> engine);

  // At exit the default engine drops what is queued and waits for what runs, before all static
  // objects that were made earlier than it are destroyed. A library that kernels call may make such
  // objects later, on its first use: who has just caused that calls this, and the engine is closed
  // before those too. Cheap; after a few thousand calls it does nothing.
  static void close_before_recent_statics();

  virtual ~Engine() = default;
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  virtual EngineKind kind() const = 0;
  virtual const std::shared_ptr<Pool>& pool() const = 0;

  // A new variable; the name appears in errors only.
  virtual Variable variable(std::string_view name = {}) = 0;

  // Queues `body` to run once every variable of `reads` and `writes` grants it. Duplicates are
  // allowed; a variable in both sets is updated (its earlier value matters), one in `writes` alone
  // is overwritten, which clears an earlier error on it. An exception of `body` is kept and
  // rethrown by each wait on what it reached. Never blocks for other tasks in `threaded`, but for
  // the caps of EngineOptions.
  virtual void push(Closure body, std::span<const Variable> reads, std::span<const Variable> writes,
                    const TaskOptions& options = {}) = 0;

  // As push, but the task ends when its Completion is called, not when `body` returns.
  virtual void push_async(AsyncClosure body, std::span<const Variable> reads,
                          std::span<const Variable> writes, const TaskOptions& options = {}) = 0;

  // Returns when every task pushed so far that writes `variable` has ended; the calling thread
  // helps to run tasks meanwhile. Rethrows the error that taints the variable.
  virtual void wait(const Variable& variable) = 0;
  // As wait, but for reads too: afterwards the caller may write the memory itself.
  virtual void wait_to_write(const Variable& variable) = 0;
  // Returns when everything pushed so far has ended, with all that those tasks have pushed;
  // rethrows the first error that no wait has reported yet.
  virtual void wait_all() = 0;

 protected:
  Engine() = default;
};

}  // namespace treadle
