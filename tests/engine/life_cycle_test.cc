// Engines come and go: many of them, at the end of the process, and across fork.
#include <dirent.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/engine/engine.h"
#include "treadle/tests/engine/engines.h"

extern "C" char** environ;

#if defined(__SANITIZE_THREAD__)
#define TREADLE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TREADLE_TSAN 1
#endif
#endif

using namespace treadle;
using treadle::testing::require_error_matches;

namespace {

// Runs one of the hidden test cases, named "child: …", in a process of its own; gives its exit
// status, or 1000 and the signal that ended it.
int run_case(const std::string& name, const std::vector<std::string>& settings = {}) {
  std::vector<std::string> environment = settings;
  for (char** e = environ; *e != nullptr; ++e) {
    const std::string entry = *e;
    const std::string key = entry.substr(0, entry.find('=') + 1);
    bool replaced = key == "TREADLE_ENGINE=" || key == "MXNET_ENGINE_TYPE=";
    for (const std::string& s : settings) replaced = replaced || s.starts_with(key);
    if (!replaced) environment.push_back(entry);
  }
  std::vector<char*> environment_list;
  for (std::string& e : environment) environment_list.push_back(e.data());
  environment_list.push_back(nullptr);
  std::string program = "/proc/self/exe";
  std::string argument = name;
  std::string quiet = "--out";
  std::string nowhere = "/dev/null";
  char* const arguments[] = {program.data(), argument.data(), quiet.data(), nowhere.data(),
                             nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments,
                      environment_list.data()) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

int64_t push_and_wait(Engine& engine, int tasks) {
  const Variable v = engine.variable();
  int64_t count = 0;
  for (int i = 0; i < tasks; ++i) engine.push([&count] { ++count; }, {}, {&v, 1});
  engine.wait(v);
  return count;
}

}  // namespace

TEST_CASE("engines are made and destroyed in a loop, with work in flight", "[engine]") {
  std::atomic<int64_t> ran{0};
  for (int i = 0; i < 500; ++i) {
    const auto engine =
        Engine::create({.kind = i % 5 == 0 ? EngineKind::serial : EngineKind::threaded,
                        .pool = i % 50 == 1 ? make_thread_pool({.concurrency = 2}) : nullptr});
    const Variable v = engine->variable();
    for (int k = 0; k < 20; ++k) engine->push([&ran] { ++ran; }, {}, {&v, 1});
  }  // the destructor lets them complete
  REQUIRE(ran == 500 * 20);
}

namespace {

// Bytes that malloc has handed out and that are not given back; of the sanitizers' 0.
size_t heap_in_use() { return mallinfo2().uordblks; }

int threads_of_process() {
  int count = 0;
  DIR* const tasks = opendir("/proc/self/task");
  while (const dirent* entry = readdir(tasks)) count += entry->d_name[0] != '.';
  closedir(tasks);
  return count;
}

// Engines with pools of their own, each of which works; nothing of them is left.
void make_and_destroy(int engines) {
  const auto one = [](int i) {
    const EngineKind kind = i % 5 == 0 ? EngineKind::serial : EngineKind::threaded;
    const auto pool = i % 2 == 0 ? make_thread_pool({.concurrency = 2}) : make_pool();
    const auto engine = Engine::create({.kind = kind, .pool = pool});
    const Variable v = engine->variable("some variable of this engine");
    int64_t ran = 0;
    for (int k = 0; k < 20; ++k) engine->push([&ran] { ++ran; }, {}, {&v, 1});
    if (i % 3 == 0) engine->push([] { throw Error("seen: by the wait."); }, {}, {&v, 1});
    try {
      engine->wait(v);
    } catch (const Error&) {
    }
    REQUIRE(ran == 20);
  };
  for (int i = 0; i < 60; ++i) one(i);
  const size_t before = heap_in_use();
  const int threads = threads_of_process();
  for (int i = 0; i < engines; ++i) one(i);
  // Caches may grow a little; an engine that leaked would show by kilobytes each.
  REQUIRE(heap_in_use() < before + 64 * 1024 + size_t(engines) * 8);
  REQUIRE(threads_of_process() <= threads + 8);
}

}  // namespace

TEST_CASE("engines are made and destroyed again and again without a leak", "[engine]") {
  make_and_destroy(500);
}
TEST_CASE("10,000 engines are made and destroyed without a leak", "[engine][slow]") {
  make_and_destroy(10000);
}

TEST_CASE("several engines share a pool", "[engine]") {
  const auto pool = make_pool({.concurrency = 2});
  std::vector<std::shared_ptr<Engine>> engines;
  for (int i = 0; i < 4; ++i) engines.push_back(Engine::create({.pool = pool}));
  std::vector<std::thread> threads;
  std::atomic<int64_t> ran{0};
  for (const auto& engine : engines) {
    threads.emplace_back([&ran, &engine] { ran += push_and_wait(*engine, 2000); });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(ran == 8000);
}

TEST_CASE("the last owner of an engine may be one of its tasks", "[engine]") {
  for (const EngineKind kind : {EngineKind::threaded, EngineKind::serial}) {
    auto done = std::make_shared<std::atomic<int>>(0);
    auto engine = Engine::create({.kind = kind, .pool = make_thread_pool({.concurrency = 2})});
    const Variable v = engine->variable();
    auto& e = *engine;
    std::atomic<bool> go{kind == EngineKind::serial};
    if (kind == EngineKind::threaded) {
      e.push(
          [&go] {
            while (!go) std::this_thread::yield();
          },
          {}, {&v, 1});
    }
    e.push([done, owner = engine] { ++*done; }, {}, {&v, 1});
    e.push([done] { ++*done; }, {}, {&v, 1});
    engine.reset();
    go = true;
    while (*done != 2) std::this_thread::yield();
    // Its own thread closes the engine now; the test ends when it has.
    while (done.use_count() != 1) std::this_thread::yield();
  }
}

TEST_CASE("the default engine follows the environment", "[engine]") {
  REQUIRE(run_case("child: threaded") == 0);
  REQUIRE(run_case("child: threaded", {"TREADLE_ENGINE=threaded"}) == 0);
  REQUIRE(run_case("child: serial", {"TREADLE_ENGINE=serial"}) == 0);
  REQUIRE(run_case("child: serial", {"MXNET_ENGINE_TYPE=NaiveEngine"}) == 0);
  REQUIRE(run_case("child: threaded", {"MXNET_ENGINE_TYPE=ThreadedEngine"}) == 0);
  REQUIRE(run_case("child: threaded", {"MXNET_ENGINE_TYPE=ThreadedEnginePooled"}) == 0);
  REQUIRE(run_case("child: threaded", {"MXNET_ENGINE_TYPE=ThreadedEnginePerDevice"}) == 0);
  // Ours goes before MXNet's.
  REQUIRE(run_case("child: serial",
                   {"TREADLE_ENGINE=serial", "MXNET_ENGINE_TYPE=ThreadedEngine"}) == 0);
  REQUIRE(run_case("child: replay", {"TREADLE_ENGINE=replay:18446744073709551615"}) == 0);
  REQUIRE(run_case("child: replay", {"TREADLE_ENGINE=replay"}) == 0);
  REQUIRE(run_case("child: refused", {"TREADLE_ENGINE=fast"}) == 0);
  REQUIRE(run_case("child: bad seed", {"TREADLE_ENGINE=replay:x"}) == 0);
  REQUIRE(run_case("child: bad seed", {"TREADLE_ENGINE=replay:1e3"}) == 0);
  REQUIRE(run_case("child: bad seed", {"TREADLE_ENGINE=replay:18446744073709551616"}) == 0);
  REQUIRE(run_case("child: refused", {"MXNET_ENGINE_TYPE=fast"}) == 0);
}

TEST_CASE("child: threaded", "[.]") {
  REQUIRE(Engine::get_default()->kind() == EngineKind::threaded);
  REQUIRE(push_and_wait(*Engine::get_default(), 10) == 10);
}

TEST_CASE("child: serial", "[.]") {
  REQUIRE(Engine::get_default()->kind() == EngineKind::serial);
  REQUIRE(push_and_wait(*Engine::get_default(), 10) == 10);
}

TEST_CASE("child: replay", "[.]") {
  REQUIRE(Engine::get_default()->kind() == EngineKind::replay);
  REQUIRE(push_and_wait(*Engine::get_default(), 10) == 10);
}

TEST_CASE("child: bad seed", "[.]") {
  require_error_matches([] { Engine::get_default(); },
                        "expected threaded, serial or replay:SEED with a number below 2^64");
}

TEST_CASE("child: refused", "[.]") {
  require_error_matches([] { Engine::get_default(); },
                        {"is 'fast'; expected ", std::getenv("TREADLE_ENGINE") != nullptr
                                                     ? "threaded, serial or replay:SEED"
                                                     : "NaiveEngine, ThreadedEngine"});
}

TEST_CASE("the default engine can be replaced, and its work completes", "[engine]") {
  const auto before = Engine::get_default();
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) before->push([&ran] { ++ran; }, {}, {});
  const auto serial = Engine::create({.kind = EngineKind::serial});
  REQUIRE(Engine::set_default(serial) == before);
  REQUIRE(Engine::get_default() == serial);
  Engine::set_default(before);
  before->wait_all();
  REQUIRE(ran == 100);
}

TEST_CASE("a process may end at any time", "[engine]") {
  for (const char* engine : {"TREADLE_ENGINE=threaded", "TREADLE_ENGINE=serial"}) {
    for (const char* threads : {"TREADLE_NUM_THREADS=1", "TREADLE_NUM_THREADS=4"}) {
      for (const char* name :
           {"child: exit while busy", "child: exit with an open task",
            "child: exit with work on streams", "child: late use", "child: exit while idle"}) {
        INFO(engine << " " << threads << " " << name);
        REQUIRE(run_case(name, {engine, threads}) == 7);
      }
    }
  }
}

namespace {

// Destroyed after the default engine, since it is made before it; uses both nevertheless.
struct LateUser {
  Variable variable;
  ~LateUser() {
    if (!variable.valid()) return;
    Engine& engine = *Engine::get_default();
    engine.push([] {}, {}, {&variable, 1});
    engine.wait(variable);
  }
};

}  // namespace

TEST_CASE("child: exit while busy", "[.]") {
  Engine& engine = *Engine::get_default();
  const Variable v = engine.variable();
  auto shared = std::make_shared<std::atomic<int64_t>>(0);
  for (int i = 0; i < 20000; ++i) engine.push([shared] { ++*shared; }, {}, {&v, 1});
  for (int i = 0; i < 20000; ++i) engine.push([shared] { ++*shared; }, {}, {});
  std::exit(7);
}

TEST_CASE("child: exit with work on streams", "[.]") {
  const Device device = add_emulated_gpu({.most_delay = std::chrono::microseconds(500)});
  Engine& engine = *Engine::get_default();
  const Variable v = engine.variable();
  auto shared = std::make_shared<std::atomic<int64_t>>(0);
  for (int i = 0; i < 300; ++i) {
    const Lane lane = Lane(i % num_lanes);
    Stream* const stream = stream_of(device, lane);
    engine.push([shared, stream] { stream->launch("count", [shared] { ++*shared; }); }, {}, {&v, 1},
                {.device = device, .lane = lane});
    engine.push([shared] { ++*shared; }, {&v, 1}, {});
  }
  std::exit(7);
}

TEST_CASE("child: exit with an open task", "[.]") {
  if (Engine::get_default()->kind() == EngineKind::serial) std::exit(7);  // push waits for it
  Engine& engine = *Engine::get_default();
  static std::unique_ptr<Completion>& kept = *new std::unique_ptr<Completion>;  // never dropped
  const Variable v = engine.variable();
  std::atomic<bool> started{false};
  engine.push_async(
      [&](Completion c) {
        kept = std::make_unique<Completion>(std::move(c));
        started = true;
      },
      {}, {&v, 1});
  engine.push([] {}, {&v, 1}, {});
  while (!started) std::this_thread::yield();
  std::exit(7);
}

TEST_CASE("child: late use", "[.]") {
  static LateUser late;
  late.variable = Engine::get_default()->variable();
  Engine::get_default()->push([] {}, {}, {&late.variable, 1});
  std::exit(7);
}

TEST_CASE("child: exit while idle", "[.]") {
  REQUIRE(push_and_wait(*Engine::get_default(), 100) == 100);
  std::exit(7);
}

// ThreadSanitizer does not support threads in the child of a process that had some ("dup thread
// with used id").
#ifndef TREADLE_TSAN

namespace {

// Forks; `body` runs in the child and its result is the exit status.
template <class Body>
int run_in_fork(Body body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGALRM, SIG_DFL);
    alarm(30);  // a hang becomes a failure
    int result = 99;
    try {
      result = body();
    } catch (const std::exception& error) {
      (void)!write(2, error.what(), std::strlen(error.what()));
    }
    _exit(result);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("the child of an idle parent goes on with the parent's engines", "[engine]") {
  const auto oneTBB = Engine::create({.pool = make_pool({.concurrency = 2})});
  const auto threads = Engine::create({.pool = make_thread_pool({.concurrency = 2})});
  const auto serial = Engine::create({.kind = EngineKind::serial});
  const Variable kept = Variable::create("kept");
  int64_t value = 0;
  for (const auto& engine : {oneTBB, threads, serial, Engine::get_default()}) {
    REQUIRE(push_and_wait(*engine, 1000) == 1000);  // its threads run and know it
    engine->push([&value] { ++value; }, {}, {&kept, 1});
    engine->wait(kept);
  }
  for (int round = 0; round < 5; ++round) {
    REQUIRE(run_in_fork([&] {
              for (const auto& engine : {oneTBB, threads, serial, Engine::get_default()}) {
                if (push_and_wait(*engine, 1000) != 1000) return 1;
                engine->push([&value] { ++value; }, {}, {&kept, 1});
                engine->wait(kept);
                int pieces = 0;
                std::atomic<int> covered{0};
                engine->push(
                    [&] {
                      engine->pool()->parallel_for(
                          0, 1000, 10, [&](int64_t b, int64_t e) { covered += int(e - b); });
                      ++pieces;
                    },
                    {}, {&kept, 1});
                engine->wait(kept);
                if (pieces != 1 || covered != 1000) return 2;
                engine->push([] { throw std::runtime_error("in the child"); }, {}, {});
                try {
                  engine->wait_all();
                  return 3;
                } catch (const Error&) {
                }
              }
              if (value != 8) return 4;
              // And a child of the child.
              const pid_t child = fork();
              if (child == 0) _exit(push_and_wait(*oneTBB, 100) == 100 ? 0 : 1);
              int status = 0;
              waitpid(child, &status, 0);
              return WIFEXITED(status) ? WEXITSTATUS(status) : 5;
            }) == 0);
    REQUIRE(push_and_wait(*oneTBB, 100) == 100);  // the parent has noticed nothing
  }
  REQUIRE(value == 4);
}

TEST_CASE("a child makes and destroys engines of its own", "[engine]") {
  REQUIRE(push_and_wait(*Engine::get_default(), 100) == 100);
  REQUIRE(run_in_fork([] {
            for (int i = 0; i < 20; ++i) {
              const auto engine = Engine::create({.pool = make_thread_pool({.concurrency = 2})});
              if (push_and_wait(*engine, 100) != 100) return 1;
            }
            return 0;
          }) == 0);
}

#endif  // TREADLE_TSAN
