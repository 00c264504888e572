#include "treadle/engine/engine.h"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <new>
#include <string_view>
#include <system_error>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/device/fork.h"
#include "treadle/engine/dynamic_engine.h"

namespace treadle {
namespace {

using detail::DynamicEngine;

EngineOptions options_from_environment() {
  if (const char* value = std::getenv("TREADLE_ENGINE"); value != nullptr && *value != '\0') {
    const std::string_view name = value;
    if (name == "threaded") return {.kind = EngineKind::threaded};
    if (name == "serial") return {.kind = EngineKind::serial};
    if (name == "replay") return {.kind = EngineKind::replay};
    if (constexpr std::string_view prefix = "replay:"; name.starts_with(prefix)) {
      EngineOptions options{.kind = EngineKind::replay};
      const char* const end = name.data() + name.size();
      const auto [read, status] = std::from_chars(name.data() + prefix.size(), end, options.seed);
      if (status == std::errc() && read == end) return options;
    }
    throw Error(
        "Engine: the environment variable TREADLE_ENGINE is '", name,
        "'; expected threaded, serial or replay:SEED with a number below 2^64. Correct it or "
        "unset it.");
  }
  if (const char* value = std::getenv("MXNET_ENGINE_TYPE"); value != nullptr && *value != '\0') {
    const std::string_view name = value;
    if (name == "NaiveEngine") return {.kind = EngineKind::serial};
    // MXNet's kinds of threads; here one pool does for all devices.
    if (name == "ThreadedEngine" || name == "ThreadedEnginePooled" ||
        name == "ThreadedEnginePerDevice") {
      return {.kind = EngineKind::threaded};
    }
    throw Error("Engine: the environment variable MXNET_ENGINE_TYPE is '", name,
                "'; expected NaiveEngine, ThreadedEngine, ThreadedEnginePooled or "
                "ThreadedEnginePerDevice. Correct it or unset it.");
  }
  return {};
}

// Never destroyed: a static object of the program may still ask for the engine in its destructor.
struct DefaultEngine : ForkAware {
  // The engine itself goes on in a forked child; only the mutex may be held by a thread that is
  // not there.
  void after_fork_child() noexcept override { ::new (&mutex) std::mutex; }

  std::mutex mutex;
  std::shared_ptr<Engine> engine;
  std::shared_ptr<Engine> unfinished;  // could not be closed at exit
  bool exiting = false;

  void close() {
    std::shared_ptr<Engine> last;
    {
      std::lock_guard lock(mutex);
      exiting = true;
      last = std::exchange(engine, nullptr);
    }
    if (auto* ours = dynamic_cast<DynamicEngine*>(last.get());
        ours != nullptr && !ours->close_at_exit()) {
      unfinished = std::move(last);
    }
  }
};

DefaultEngine& slot() {
  static DefaultEngine& instance = *new DefaultEngine;
  return instance;
}

// Made together with the first default engine, so it goes before all that was made before that.
void close_at_exit() {
  default_pool();  // whose workers must outlive the engine's close
  static const struct Closer {
    ~Closer() { slot().close(); }
  } closer;
}

}  // namespace

void Engine::close_before_recent_statics() {
  // Handlers run in the reverse of the order of registration. By this many first uses a library has
  // made its static objects, so the list need not grow for ever.
  static constexpr int most = 4096;
  static std::atomic<int> registered = 0;
  if (registered.fetch_add(1, std::memory_order_relaxed) >= most) {
    registered.store(most, std::memory_order_relaxed);
    return;
  }
  std::atexit([] { slot().close(); });
}

std::shared_ptr<Engine> Engine::create(EngineOptions options) {
  std::shared_ptr<Pool> pool = options.pool != nullptr ? std::move(options.pool) : default_pool();
  options.pool = std::move(pool);
  switch (options.kind) {
    case EngineKind::threaded: return detail::make_threaded_engine(options);
    case EngineKind::serial: return detail::make_serial_engine(options);
    case EngineKind::replay: return detail::make_replay_engine(options);
  }
  throw Error("Engine: kind ", int(options.kind), " is none of EngineKind's values.");
}

const std::shared_ptr<Engine>& Engine::get_default() {
  DefaultEngine& s = slot();
  std::lock_guard lock(s.mutex);
  if (s.engine == nullptr) {
    // While the process ends no thread may be started any more.
    EngineOptions options{.kind = EngineKind::serial};
    if (!s.exiting) {
      options = options_from_environment();
      close_at_exit();
    }
    s.engine = create(std::move(options));
  }
  return s.engine;
}

std::shared_ptr<Engine> Engine::set_default(std::shared_ptr<Engine> engine) {
  DefaultEngine& s = slot();
  std::lock_guard lock(s.mutex);
  if (engine != nullptr && !s.exiting) close_at_exit();
  return std::exchange(s.engine, std::move(engine));
}

}  // namespace treadle
