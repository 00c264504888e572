#include "treadle/engine/profiler.h"

#include <algorithm>
#include <set>
#include <thread>

#include "treadle/engine/task_graph.h"
#include "treadle/tests/engine/engines.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// On while it lives.
struct Profiled {
  explicit Profiled(uint64_t most_events = 1 << 16) { Profiler::start(most_events); }
  ~Profiled() { Profiler::stop(); }
};

void spend(std::chrono::microseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < until) {
  }
}

const TaskEvent& find(const TaskTrace& trace, std::string_view node) {
  const auto it = std::ranges::find(trace.tasks, node, &TaskEvent::node);
  REQUIRE(it != trace.tasks.end());
  return *it;
}

bool waited(const TaskTrace& trace, std::string_view later, std::string_view earlier) {
  const uint64_t from = find(trace, earlier).id, to = find(trace, later).id;
  return std::ranges::any_of(trace.dependencies,
                             [&](const TaskDependency& d) { return d.from == from && d.to == to; });
}

}  // namespace

TEST_CASE("the profiler sees each task with its times", "[engine][profiler]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  engine->push([] {}, {}, {&v, 1}, {.op = "Before", .node = "before"});
  engine->wait_all();
  {
    const Profiled profiled;
    engine->push([] { spend(std::chrono::microseconds(300)); }, {}, {&v, 1},
                 {.op = "Make", .node = "a", .device = cpu(1)});
    engine->push([] { spend(std::chrono::microseconds(100)); }, {&v, 1}, {},
                 {.op = "Use", .node = "b"});
    engine->wait_all();
  }
  engine->push([] {}, {}, {&v, 1}, {.op = "After", .node = "after"});
  engine->wait_all();
  const TaskTrace trace = Profiler::trace();
  REQUIRE(trace.tasks.size() == 2);
  const TaskEvent &a = find(trace, "a"), &b = find(trace, "b");
  CHECK(a.op == "Make");
  CHECK(a.device == cpu(1));
  CHECK(a.queued >= 0);
  CHECK(a.start >= a.queued);
  CHECK(a.end - a.start >= 300'000);
  CHECK(b.start >= a.end);
  CHECK(b.end - b.start >= 100'000);
  CHECK(trace.dropped == 0);
}

TEST_CASE("a trace holds which task waited for which", "[engine][profiler]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  const Variable v = engine->variable(), w = engine->variable();
  const Profiled profiled;
  std::atomic<bool> may_end{false};
  engine->push(
      [&] {
        while (!may_end) std::this_thread::yield();
      },
      {}, {&v, 1}, {.node = "first"});
  engine->push([] {}, {}, {&w, 1}, {.node = "free"});
  engine->push([] {}, {&v, 1}, {}, {.node = "reader"});
  engine->push([] {}, {}, {&v, 1}, {.node = "second"});
  may_end = true;
  engine->wait_all();
  const TaskTrace trace = Profiler::trace();
  CHECK(waited(trace, "reader", "first"));
  CHECK(waited(trace, "second", "reader"));
  CHECK_FALSE(waited(trace, "free", "first"));
}

TEST_CASE("a compiled graph is traced run by run with its edges", "[engine][profiler]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  TaskGraphBuilder builder;
  const GraphVariable x = builder.internal(), y = builder.internal();
  builder.add([](const void*) {}, {}, {&x, 1}, {.op = "Make", .node = "x"});
  builder.add([](const void*) {}, {&x, 1}, {&y, 1}, {.op = "Use", .node = "y"});
  builder.add([](const void*) {}, {&y, 1}, {}, {.op = "Use", .node = "z"});
  TaskGraph graph = builder.compile(engine);
  const Profiled profiled;
  for (int run = 0; run < 3; ++run) graph.run();
  graph.wait();
  const TaskTrace trace = Profiler::trace();
  CHECK(trace.tasks.size() == 9);
  std::set<uint64_t> ids;
  for (const TaskEvent& task : trace.tasks) ids.insert(task.id);
  CHECK(ids.size() == 9);
  CHECK(trace.dependencies.size() == 6);
  for (const TaskDependency& d : trace.dependencies) {
    CHECK(ids.count(d.from) == 1);
    CHECK(ids.count(d.to) == 1);
  }
  CHECK(waited(trace, "y", "x"));
  CHECK(waited(trace, "z", "y"));
}

TEST_CASE("the summary has a row per operator, the longest first", "[engine][profiler]") {
  TaskTrace trace;
  trace.tasks = {{1, "Short", "a", cpu(), Lane::compute, 0, 0, 1000, 2000},
                 {2, "Long", "b", cpu(), Lane::compute, 0, 0, 2000, 12000},
                 {3, "Short", "c", cpu(), Lane::compute, 0, 1000, 12000, 15000}};
  trace.dropped = 4;
  const std::string text = trace.summary();
  CHECK(text.find("Long") < text.find("Short"));
  CHECK(text.find("2          4.0       2.00       1.00       3.00       6.00") !=
        std::string::npos);
  CHECK(text.find("4 events are missing") != std::string::npos);
}

TEST_CASE("the profiler goes on after a stop", "[engine][profiler]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const auto run = [&](std::string_view node) {
    engine->push([] {}, {}, {}, {.node = node});
    engine->wait_all();
  };
  Profiler::start();
  run("one");
  Profiler::stop();
  run("two");
  Profiler::resume();
  run("three");
  Profiler::stop();
  const TaskTrace trace = Profiler::trace();
  REQUIRE(trace.tasks.size() == 2);
  CHECK(find(trace, "three").start >= find(trace, "one").end);
}

TEST_CASE("a full profiler counts what it leaves out", "[engine][profiler]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Profiled profiled(5);
  for (int i = 0; i < 100; ++i) engine->push([] {}, {}, {});
  engine->wait_all();
  const TaskTrace trace = Profiler::trace();
  CHECK(trace.tasks.size() <= 10);
  CHECK(trace.tasks.size() + trace.dropped >= 100);
}
