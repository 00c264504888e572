// Compiled graphs: what a run means is what pushing its nodes one by one would mean.
#include "treadle/engine/task_graph.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::error_of;
using treadle::testing::require_error_matches;

namespace {

struct RandomNode {
  std::vector<uint32_t> reads, writes;
};

// Graphs of random nodes over common cells: the first `shared` of them are variables of the engine,
// the others belong to one graph each.
struct Cells {
  static constexpr uint32_t shared = 8;
  static constexpr uint32_t own = 12;

  std::vector<uint64_t> values;  // plain: a missing order is a race
  std::vector<bool> tainted;     // what the rule says
  explicit Cells(int graphs) : values(shared + own * size_t(graphs)), tainted(values.size()) {
    for (size_t i = 0; i < values.size(); ++i) values[i] = i + 1;
  }
  void apply(const RandomNode& node, uint64_t tag) {
    uint64_t hash = 0x9E3779B97F4A7C15u * (tag + 1);
    for (const uint32_t r : node.reads) hash = (hash ^ values[r]) * 0xff51afd7ed558ccdu;
    for (const uint32_t w : node.writes) values[w] = values[w] * 31 + (hash ^ hash >> 29);
  }
  // One node run serially, by the rule of errors.
  void apply_by_rule(const RandomNode& node, uint64_t tag, bool fails) {
    bool skip = fails;
    for (const uint32_t r : node.reads) skip = skip || tainted[r];
    for (const uint32_t w : node.writes) tainted[w] = skip;
    if (!skip) apply(node, tag);
  }
};

std::vector<RandomNode> random_nodes(std::mt19937_64& random, int graph, size_t count) {
  const auto cell = [&]() -> uint32_t {
    if (random() % 3 == 0) return uint32_t(random() % Cells::shared);
    return Cells::shared + Cells::own * uint32_t(graph) + uint32_t(random() % Cells::own);
  };
  std::vector<RandomNode> nodes(count);
  for (RandomNode& node : nodes) {
    for (uint64_t i = random() % 4; i > 0; --i) node.reads.push_back(cell());
    for (uint64_t i = 1 + random() % 2; i > 0; --i) node.writes.push_back(cell());
  }
  return nodes;
}

// What a run is told: its number, and which nodes fail in it.
struct RunArgument {
  uint64_t number;
  uint64_t failing_seed = 0;  // 0: none
  bool fails(size_t node) const {
    return failing_seed != 0 && (failing_seed + node * 7919) % 23 == 0;
  }
};

TaskGraph compile(const std::shared_ptr<Engine>& engine, Cells& cells,
                  const std::vector<RandomNode>& nodes, const std::vector<Variable>& shared) {
  TaskGraphBuilder builder;
  std::vector<GraphVariable> own;
  for (uint32_t i = 0; i < Cells::own; ++i) own.push_back(builder.internal());
  const auto variables = [&](const std::vector<uint32_t>& list) {
    std::vector<GraphVariable> result;
    for (const uint32_t c : list) {
      result.push_back(c < Cells::shared ? GraphVariable(shared[c])
                                         : own[(c - Cells::shared) % Cells::own]);
    }
    return result;
  };
  for (size_t i = 0; i < nodes.size(); ++i) {
    builder.add(
        [&cells, &node = nodes[i], i](const void* given) {
          const auto& argument = *static_cast<const RunArgument*>(given);
          if (argument.fails(i)) throw Error("planned");
          cells.apply(node, argument.number * 1000 + i);
        },
        variables(nodes[i].reads), variables(nodes[i].writes),
        {.op = "node", .priority = i % 7 == 0 ? 1 : 0});
  }
  return builder.compile(engine);
}

void drain(Engine& engine) {
  while (true) {
    try {
      return engine.wait_all();
    } catch (const Error&) {
    }
  }
}

}  // namespace

TEST_CASE("runs of graphs and single tasks give what serial order gives", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    std::mt19937_64 random(seed);
    constexpr int graphs = 3;
    const bool with_errors = seed % 2 == 0;
    Cells cells(graphs), expected(graphs);
    std::vector<Variable> shared;
    for (uint32_t i = 0; i < Cells::shared; ++i) shared.push_back(engine->variable());
    std::vector<std::vector<RandomNode>> nodes;
    for (int g = 0; g < graphs; ++g) nodes.push_back(random_nodes(random, g, 5 + random() % 40));
    std::vector<TaskGraph> compiled;
    for (const auto& list : nodes) compiled.push_back(compile(engine, cells, list, shared));
    const std::vector<RandomNode> single = random_nodes(random, 0, 40);

    for (uint64_t number = 0; number < 40; ++number) {
      const size_t g = random() % graphs;
      const auto argument = std::make_shared<const RunArgument>(
          RunArgument{number, with_errors && random() % 3 == 0 ? random() % 1000 + 1 : 0});
      compiled[g].run(argument);
      for (size_t i = 0; i < nodes[g].size(); ++i) {
        expected.apply_by_rule(nodes[g][i], number * 1000 + i, argument->fails(i));
      }
      // A single task on shared cells, in between.
      RandomNode task = single[number];
      for (uint32_t& c : task.reads) c %= Cells::shared;
      for (uint32_t& c : task.writes) c %= Cells::shared;
      std::vector<Variable> reads, writes;
      for (const uint32_t c : task.reads) reads.push_back(shared[c]);
      for (const uint32_t c : task.writes) writes.push_back(shared[c]);
      engine->push([&cells, task, number] { cells.apply(task, number); }, reads, writes);
      expected.apply_by_rule(task, number, false);
      if (random() % 10 == 0) {
        try {
          compiled[g].wait();
        } catch (const Error& error) {
          REQUIRE(std::string(error.what()) == "node: planned");
          REQUIRE(with_errors);
        }
      }
    }
    for (uint32_t c = 0; c < Cells::shared; ++c) {
      bool threw = false;
      try {
        engine->wait(shared[c]);
      } catch (const Error&) {
        threw = true;
      }
      REQUIRE(threw == expected.tainted[c]);
    }
    drain(*engine);
    REQUIRE(cells.values == expected.values);
  }
}

TEST_CASE("an error on an internal variable stays until it is overwritten", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  struct Argument {
    bool fail;
  };
  TaskGraphBuilder builder;
  const GraphVariable state = builder.internal();
  const Variable out = engine->variable();
  const GraphVariable out_too = out;
  int value = 0;
  int seen = -1;
  builder.add(
      [&](const void* a) {
        if (static_cast<const Argument*>(a)->fail) throw Error("no state");
        ++value;
      },
      {&state, 1}, {&state, 1}, {.op = "Step", .node = "s"});
  builder.add([&](const void*) { seen = value; }, {&state, 1}, {&out_too, 1});
  TaskGraph graph = builder.compile(engine);
  const auto run = [&](bool fail) { graph.run(std::make_shared<const Argument>(Argument{fail})); };
  run(false);
  graph.wait();
  REQUIRE(seen == 1);
  run(true);
  REQUIRE(error_of([&] { graph.wait(); }) == "Step(s): no state");
  REQUIRE(error_of([&] { engine->wait(out); }) == "Step(s): no state");
  run(false);  // updates the state that failed, so it is skipped
  REQUIRE(error_of([&] { engine->wait(out); }) == "Step(s): no state");
  REQUIRE(seen == 1);
  graph.wait();  // its error has been reported
  engine->wait_all();
}

TEST_CASE("external variables are released node by node", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  if (engine->pool()->concurrency() < 2) return;  // one thread is kept busy on purpose
  const Variable early = engine->variable("early");
  const GraphVariable writes_early[] = {early};
  TaskGraphBuilder builder;
  std::atomic<bool> go{false};
  int value = 0;
  builder.add([&](const void*) { value = 1; }, {}, writes_early);
  builder.add(
      [&](const void*) {
        while (!go) std::this_thread::yield();
      },
      {}, {});
  TaskGraph graph = builder.compile(engine);
  for (int i = 0; i < 20; ++i) {
    go = false;
    graph.run();
    int seen = 0;
    // Would never run if `early` were released with the run.
    engine->push(
        [&] {
          seen = value;
          go = true;
        },
        {&early, 1}, {});
    graph.wait();
    engine->wait_all();
    REQUIRE(seen == 1);
  }
}

TEST_CASE("a run that waits for others' variables starts what it can", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  // A task writes x, starts a run that reads x first and writes y then, and waits for y.
  const Variable x = engine->variable("x");
  const Variable y = engine->variable("y");
  const GraphVariable gx = x;
  const GraphVariable gy = y;
  std::vector<int> order;
  TaskGraphBuilder builder;
  builder.add([&](const void*) { order.push_back(2); }, {&gx, 1}, {});
  builder.add([&](const void*) { order.push_back(1); }, {}, {&gy, 1});
  TaskGraph graph = builder.compile(engine);
  for (int i = 0; i < 12; ++i) {  // both ways of running
    order.clear();
    engine->push(
        [&] {
          graph.run();
          engine->wait(y);
        },
        {}, {&x, 1});
    engine->wait_all();
    REQUIRE(order == std::vector<int>{1, 2});
  }
}

TEST_CASE("a node may wait for a node behind it that does not depend on it", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable y = engine->variable("y");
  const GraphVariable gy = y;
  std::atomic<int> clock{0};
  int times[4] = {};  // when each node ended
  TaskGraphBuilder builder;
  const GraphVariable a = builder.internal();
  builder.add([&](const void*) { times[0] = ++clock; }, {}, {&a, 1});
  builder.add(
      [&](const void*) {
        engine->wait(y);
        times[1] = ++clock;
      },
      {}, {&a, 1});
  builder.add([&](const void*) { times[2] = ++clock; }, {}, {&gy, 1});
  builder.add([&](const void*) { times[3] = ++clock; }, {&a, 1}, {});
  TaskGraph graph = builder.compile(engine);
  for (int i = 0; i < 12; ++i) {
    clock = 0;
    graph.run();
    graph.wait();
    REQUIRE(times[0] < times[1]);
    REQUIRE(times[2] < times[1]);
    REQUIRE(times[3] == 4);
  }
}

TEST_CASE("a run keeps its argument and its graph until it has ended", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const auto argument = std::make_shared<const int>(7);
  const auto held = std::make_shared<int>(0);
  const Variable v = engine->variable();
  const GraphVariable gv = v;
  {
    TaskGraphBuilder builder;
    for (int i = 0; i < 5; ++i) {
      builder.add([held](const void* a) { *held += *static_cast<const int*>(a); }, {&gv, 1},
                  {&gv, 1});
    }
    TaskGraph graph = builder.compile(engine);
    for (int i = 0; i < 4; ++i) graph.run(argument);
  }
  engine->wait_all();
  REQUIRE(*held == 4 * 5 * 7);
  REQUIRE(held.use_count() == 1);
  REQUIRE(argument.use_count() == 1);
}

TEST_CASE("the last owner of an engine may be a run", "[engine]") {
  for (const EngineKind kind : {EngineKind::threaded, EngineKind::serial}) {
    auto done = std::make_shared<std::atomic<int>>(0);
    auto engine = Engine::create({.kind = kind, .pool = make_pool({.concurrency = 2})});
    TaskGraphBuilder builder;
    for (int i = 0; i < 3; ++i) builder.add([done](const void*) { ++*done; }, {}, {});
    TaskGraph graph = builder.compile(std::move(engine));
    for (int i = 0; i < 5; ++i) graph.run();
    graph = {};
    while (done.use_count() != 1) std::this_thread::yield();
    REQUIRE(*done == 15);
  }
}

TEST_CASE("several threads run one graph", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  TaskGraphBuilder builder;
  const Variable outside = engine->variable();
  const GraphVariable counters[] = {builder.internal(), outside};
  int64_t inner = 0;
  int64_t outer = 0;
  for (int i = 0; i < 4; ++i) {
    const size_t which = size_t(i % 2);
    builder.add([&inner, &outer, which](const void*) { ++(which == 0 ? inner : outer); }, {},
                {&counters[which], 1});
  }
  TaskGraph graph = builder.compile(engine);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        graph.run();
        engine->push([&outer] { ++outer; }, {}, {&outside, 1});
        if (i % 20 == t) graph.wait();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  engine->wait_all();
  REQUIRE(inner == 800);
  REQUIRE(outer == 1200);
}

TEST_CASE("graphs refuse what cannot work", "[engine]") {
  const auto engine = Engine::create({.kind = EngineKind::serial});
  TaskGraph none;
  require_error_matches([&] { none.run(); }, "TaskGraph.run: the graph is empty");
  require_error_matches([&] { none.wait(); }, "TaskGraph.wait: the graph is empty");

  TaskGraphBuilder other;
  for (int i = 0; i < 3; ++i) other.internal();
  const GraphVariable foreign = other.internal();
  TaskGraphBuilder builder;
  builder.internal();
  require_error_matches(
      [&] { builder.add([](const void*) {}, {&foreign, 1}, {}, {.op = "Op", .node = "n"}); },
      {"Op(n): internal variable 3 belongs to another graph", "this one has 1"});
  require_error_matches([&] { builder.add(GraphBody(), {}, {}, {.op = "Op", .node = "n"}); },
                        "Op(n): a graph's node has an empty closure");
  const GraphVariable empty{Variable()};
  require_error_matches([&] { builder.add([](const void*) {}, {}, {&empty, 1}, {.op = "Op"}); },
                        "Op: writes[0] is an empty Variable");
  require_error_matches([&] { builder.compile(nullptr); }, "TaskGraph: the engine is null");

  TaskGraph graph;
  builder.add([&](const void*) { graph.wait(); }, {}, {}, {.op = "Op", .node = "n"});
  graph = builder.compile(engine);
  graph.run();
  require_error_matches([&] { graph.wait(); },
                        "Op(n): TaskGraph.wait: called inside the node Op(n) of the same graph");
  REQUIRE(graph.size() == 1);

  TaskGraph nothing = TaskGraphBuilder().compile(engine);
  nothing.run();
  nothing.wait();
  REQUIRE(nothing.size() == 0);
}

TEST_CASE("replay repeats its order, and another seed gives another", "[engine]") {
  const auto order_of = [](uint64_t seed, bool as_graph) {
    const auto engine = Engine::create({.kind = EngineKind::replay, .seed = seed});
    std::vector<int> order;
    TaskGraphBuilder builder;
    for (int i = 0; i < 30; ++i) {
      if (as_graph) {
        builder.add([&order, i](const void*) { order.push_back(i); }, {}, {});
      } else {
        engine->push([&order, i] { order.push_back(i); }, {}, {});
      }
    }
    TaskGraph graph = builder.compile(engine);
    graph.run();
    engine->wait_all();
    REQUIRE(order.size() == 30);
    return order;
  };
  for (const bool as_graph : {false, true}) {
    REQUIRE(order_of(1, as_graph) == order_of(1, as_graph));
    REQUIRE(order_of(1, as_graph) != order_of(2, as_graph));
  }
}
