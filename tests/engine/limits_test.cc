// Caps on what is in flight, cancellation and deadlines, and faults put into every place in turn.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/engine/task_graph.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::EngineCase;
using treadle::testing::error_of;
using treadle::testing::require_error_matches;

namespace {

std::shared_ptr<Engine> capped(const EngineCase& c, uint64_t max_tasks, uint64_t max_bytes) {
  return Engine::create({.kind = c.kind,
                         .pool = make_pool({.concurrency = c.workers}),
                         .seed = c.seed,
                         .max_tasks = max_tasks,
                         .max_bytes = max_bytes});
}

void drain(Engine& engine) {
  while (true) {
    try {
      return engine.wait_all();
    } catch (const Error&) {
    }
  }
}

// Whether the engine does its work, on old variables and on new ones.
void require_usable(Engine& engine, const std::vector<Variable>& variables) {
  int64_t sum = 0;
  const Variable v = engine.variable();
  std::vector<Variable> all = variables;
  all.push_back(v);
  for (int i = 0; i < 10; ++i) engine.push([&sum] { ++sum; }, {}, all);
  for (const Variable& each : all) engine.wait(each);
  engine.wait_all();
  REQUIRE(sum == 10);
}

}  // namespace

TEST_CASE("a cap on tasks holds, whoever pushes", "[engine][limits]") {
  for (const EngineCase& c : testing::engine_cases()) {
    INFO(c.name());
    constexpr int cap = 8;
    const auto engine = capped(c, cap, 0);
    const Variable v = engine->variable();
    std::atomic<int> in_flight{0};
    std::atomic<int> most{0};
    std::atomic<int> ran{0};
    const auto push = [&](bool in_order) {
      engine->push(
          [&] {
            ++ran;
            --in_flight;
          },
          {}, in_order ? std::span(&v, 1) : std::span<const Variable>());
      // Counted once it is in: only tasks that have not run yet.
      const int now = ++in_flight;
      for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
      }
    };
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 300; ++i) push((i + t) % 2 == 0);
      });
    }
    for (std::thread& t : threads) t.join();
    engine->wait_all();
    REQUIRE(ran == 900);
    REQUIRE(most <= cap);
  }
}

TEST_CASE("a cap on bytes holds, and what is larger is let in alone", "[engine][limits]") {
  for (const EngineCase& c : testing::engine_cases()) {
    INFO(c.name());
    const auto engine = capped(c, 0, 1000);
    std::atomic<int64_t> held{0};
    std::atomic<int64_t> most{0};
    int ran = 0;
    const Variable v = engine->variable();
    for (int i = 0; i < 200; ++i) {
      const int64_t bytes = i % 50 == 7 ? 5000 : i % 7 * 100;
      engine->push(
          [&, bytes] {
            ++ran;
            held -= bytes;
          },
          {}, {&v, 1}, {.bytes = uint64_t(bytes)});
      const int64_t now = held += bytes;
      if (bytes < 5000) most = std::max(most.load(), now);
      if (bytes == 5000) REQUIRE(now <= 5000);
    }
    engine->wait_all();
    REQUIRE(ran == 200);
    REQUIRE(most <= 1000);
    REQUIRE(held == 0);
  }
}

TEST_CASE("a cap never blocks a task that pushes", "[engine][limits]") {
  for (const EngineCase& c : testing::engine_cases()) {
    INFO(c.name());
    const auto engine = capped(c, 1, 10);
    const Variable v = engine->variable();
    int inner = 0;
    for (int i = 0; i < 20; ++i) {
      engine->push(
          [&] {
            for (int k = 0; k < 5; ++k) {
              engine->push([&inner] { ++inner; }, {}, {&v, 1}, {.bytes = 100});
            }
            engine->wait(v);
          },
          {}, {}, {.bytes = 3});
    }
    engine->wait_all();
    REQUIRE(inner == 100);
  }
}

TEST_CASE("caps count asynchronous tasks and graphs too", "[engine][limits]") {
  for (const EngineCase& c : testing::engine_cases()) {
    INFO(c.name());
    const auto engine = capped(c, 4, 0);
    std::vector<std::thread> outside;
    std::atomic<int> ended{0};
    for (int i = 0; i < 30; ++i) {
      engine->push_async(
          [&](Completion completion) {
            outside.emplace_back([&ended, completion] {
              ++ended;
              completion.done();
            });
          },
          {}, {});
      REQUIRE(i + 1 - ended <= 4);
      if (c.kind == EngineKind::threaded && c.workers > 1) engine->wait_all();  // one thread adds
    }
    engine->wait_all();
    for (std::thread& t : outside) t.join();
    REQUIRE(ended == 30);

    TaskGraphBuilder builder;
    std::atomic<int> nodes{0};
    for (int i = 0; i < 10; ++i) builder.add([&nodes](const void*) { ++nodes; }, {}, {});
    TaskGraph graph = builder.compile(engine);
    for (int i = 0; i < 20; ++i) {
      graph.run();  // ten nodes and a cap of four: alone
      engine->push([&nodes] { ++nodes; }, {}, {});
    }
    engine->wait_all();
    REQUIRE(nodes == 220);
  }
}

TEST_CASE("what a cancelled token was given to is skipped, with a sentence", "[engine][limits]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  const Variable w = engine->variable();
  const CancellationToken token = CancellationToken::create();
  const TaskOptions options{.op = "Op", .node = "n", .cancellation = token};
  int value = 0;
  engine->push([&value] { ++value; }, {}, {&v, 1}, options);
  engine->wait(v);
  REQUIRE(!token.cancelled());
  token.cancel("the user pressed Stop");
  token.cancel("too late");
  REQUIRE(token.cancelled());
  for (int i = 0; i < 3; ++i) engine->push([&value] { ++value; }, {}, {&v, 1}, options);
  engine->push([&value] { value += 10; }, {&v, 1}, {&v, 1});  // depends on them
  engine->push([&value] { value += 100; }, {}, {&w, 1});
  const std::string sentence =
      "Op(n): the task was not run, nor what came after it with the same token, because that was "
      "cancelled: the user pressed Stop.";
  REQUIRE(error_of<Cancelled>([&] { engine->wait(v); }) == sentence);
  REQUIRE(error_of<Cancelled>([&] { engine->wait(v); }) == sentence);
  engine->wait(w);
  engine->wait_all();
  REQUIRE(value == 101);
  require_usable(*engine, {v, w});

  // Only wait_all is left to say it.
  const CancellationToken other = CancellationToken::create();
  other.cancel();
  engine->push([&value] { ++value; }, {}, {}, {.cancellation = other});
  require_error_matches<Cancelled>([&] { engine->wait_all(); },
                                   "task: the task was not run, nor what came after it with the "
                                   "same token, because that was cancelled: the caller asked");
  engine->wait_all();
  REQUIRE(value == 101);
}

TEST_CASE("nothing starts after a deadline", "[engine][limits]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  using Clock = CancellationToken::Clock;
  const CancellationToken token = CancellationToken::create();
  token.set_deadline(Clock::now() + std::chrono::hours(1));
  const Variable v = engine->variable();
  int value = 0;
  const auto push = [&] { engine->push([&] { ++value; }, {}, {&v, 1}, {.cancellation = token}); };
  push();
  engine->wait(v);
  REQUIRE(value == 1);
  token.set_deadline(Clock::now() - std::chrono::nanoseconds(1));
  push();
  require_error_matches<Cancelled>([&] { engine->wait(v); },
                                   "because its deadline had passed before it could start");
  REQUIRE(value == 1);
  require_usable(*engine, {v});
}

TEST_CASE("an empty token cannot be cancelled", "[engine][limits]") {
  const CancellationToken token;
  REQUIRE(!token.cancelled());
  require_error_matches([&] { token.cancel(); },
                        "CancellationToken.cancel: the token is empty and no task looks at it");
  require_error_matches([&] { token.set_deadline({}); },
                        "CancellationToken.set_deadline: the token is empty");
}

namespace {

constexpr int planned = 12;  // tasks of one round below

// Twelve tasks on three variables, one after the other on the first; `act(i)` is what the i-th does
// before it counts.
template <class Act>
void push_round(Engine& engine, const std::vector<Variable>& variables,
                const std::shared_ptr<std::atomic<int>>& count, const CancellationToken& token,
                Act act) {
  for (int i = 0; i < planned; ++i) {
    const Variable writes[] = {variables[0], variables[size_t(1 + i % 2)]};
    engine.push(
        [act, i, count] {
          act(i);
          ++*count;
        },
        {&variables[size_t(2 - i % 2)], 1}, writes, {.op = "Op", .cancellation = token});
  }
}

template <class Act>
TaskGraph graph_of_round(const std::shared_ptr<Engine>& engine, const Variable& outside,
                         const std::shared_ptr<std::atomic<int>>& count, Act act) {
  TaskGraphBuilder builder;
  const GraphVariable inside = builder.internal();
  const GraphVariable variables[] = {inside, outside};
  for (int i = 0; i < planned; ++i) {
    // Each third one can be seen from outside.
    builder.add(
        [act, i, count](const void*) {
          act(i);
          ++*count;
        },
        {&inside, 1}, std::span(variables).subspan(0, i % 3 == 2 ? 2 : 1), {.op = "Op"});
  }
  return builder.compile(engine);
}

}  // namespace

TEST_CASE("a failure of any task: the work drains and the engine goes on", "[engine][limits]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  for (int k = 0; k < planned; ++k) {
    const auto count = std::make_shared<std::atomic<int>>(0);
    const auto fail_kth = [k](int i) {
      if (i == k) throw Error("fault ", k);
    };
    std::vector<Variable> variables;
    for (int i = 0; i < 3; ++i) variables.push_back(engine->variable());
    push_round(*engine, variables, count, {}, fail_kth);
    for (const Variable& v : variables) {
      try {
        engine->wait(v);
      } catch (const Error& error) {
        REQUIRE(std::string(error.what()) == concat("Op: fault ", k));
      }
    }
    drain(*engine);
    REQUIRE(count.use_count() == 1);  // every closure is gone, run or not
    REQUIRE(*count >= k);
    REQUIRE(*count < planned);
    require_usable(*engine, variables);

    *count = 0;
    TaskGraph graph = graph_of_round(engine, variables[0], count, fail_kth);
    graph.run();
    REQUIRE(error_of([&] { graph.wait(); }) == concat("Op: fault ", k));
    REQUIRE(*count == k);  // a chain
    drain(*engine);
    graph = {};
    REQUIRE(count.use_count() == 1);
    require_usable(*engine, variables);
  }
}

TEST_CASE("cancellation at any task: the work drains and the engine goes on", "[engine][limits]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  for (int k = 0; k < planned; ++k) {
    const auto count = std::make_shared<std::atomic<int>>(0);
    CancellationToken token = CancellationToken::create();
    const auto cancel_at_kth = [k, token](int i) {
      if (i == k) token.cancel("enough");
    };
    std::vector<Variable> variables;
    for (int i = 0; i < 3; ++i) variables.push_back(engine->variable());
    push_round(*engine, variables, count, token, cancel_at_kth);
    if (k + 1 < planned) {
      require_error_matches<Cancelled>([&] { engine->wait(variables[0]); }, "cancelled: enough");
    }
    drain(*engine);
    REQUIRE(*count == k + 1);  // all write the first variable
    REQUIRE(count.use_count() == 1);
    require_usable(*engine, variables);

    *count = 0;
    token = CancellationToken::create();
    const auto cancel_in_graph = [k, token](int i) {
      if (i == k) token.cancel("enough");
    };
    TaskGraph graph = graph_of_round(engine, variables[0], count, cancel_in_graph);
    graph.run(nullptr, token);
    if (k + 1 < planned) {
      require_error_matches<Cancelled>([&] { graph.wait(); },
                                       {"Op: the task was not run", "enough"});
    } else {
      graph.wait();
    }
    REQUIRE(*count == k + 1);
    drain(*engine);
    graph = {};
    REQUIRE(count.use_count() == 1);
    require_usable(*engine, variables);
  }
}
