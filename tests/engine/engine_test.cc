// Pushing and waiting, on every engine.
#include "treadle/engine/engine.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "treadle/device/parking.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::require_error_matches;

TEST_CASE("tasks on one variable run in push order", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable("v");
  const Variable writes[] = {v};
  std::vector<int> order;
  for (int i = 0; i < 1000; ++i) engine->push([&order, i] { order.push_back(i); }, {}, writes);
  engine->wait(v);
  REQUIRE(order.size() == 1000);
  REQUIRE(std::is_sorted(order.begin(), order.end()));
}

TEST_CASE("reads share and writes are alone", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  if (engine->pool()->concurrency() < 2) return;
  const Variable v = engine->variable();
  const Variable one[] = {v};
  std::atomic<int> inside{0};
  std::atomic<bool> shared{false};
  std::atomic<int> wrong{0};
  // Each of two reads waits for the other: they must run at the same time.
  for (int i = 0; i < 2; ++i) {
    engine->push(
        [&] {
          ++inside;
          while (inside < 2) std::this_thread::yield();
          shared = true;
        },
        one, {});
  }
  engine->push([&] { wrong += inside.exchange(0) != 2; }, {}, one);
  for (int i = 0; i < 100; ++i) {
    engine->push([&] { wrong += inside != 0; }, one, {});
    engine->push(
        [&] {
          wrong += ++inside != 1;
          --inside;
        },
        {}, one);
  }
  engine->wait(v);
  REQUIRE(shared);
  REQUIRE(wrong == 0);
}

TEST_CASE("duplicates and overlaps of the sets are one access each", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable a = engine->variable();
  const Variable b = engine->variable();
  int64_t value = 0;
  const std::array all = {a, b, a, a, b};
  const std::array some = {b, a, b};
  for (int i = 0; i < 100; ++i) {
    engine->push([&] { ++value; }, all, some);
    engine->push([&] { ++value; }, {}, some);
    engine->push([&] { value += 0; }, all, {});
  }
  // More than fit into the set's own memory.
  std::vector<Variable> many(50, a);
  many.insert(many.end(), 50, b);
  engine->push([&] { ++value; }, many, many);
  engine->wait_all();
  REQUIRE(value == 201);
}

TEST_CASE("a task of very many variables", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  std::vector<Variable> variables(40'000);  // more than 16 bits can tell apart, see Access
  std::vector<int> values(variables.size(), 0);
  for (size_t i = 0; i < variables.size(); ++i) {
    variables[i] = engine->variable();
    engine->push([&values, i] { values[i] = 1; }, {}, {&variables[i], 1});
  }
  int sum = 0;
  engine->push(
      [&] {
        for (const int v : values) sum += v;
      },
      variables, {});
  const Variable total = engine->variable();
  engine->push([&] { sum *= 2; }, {}, std::vector(variables));
  engine->wait_all();
  REQUIRE(sum == 80'000);
}

TEST_CASE("wait does not wait for reads and wait_to_write does", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  if (engine->pool()->concurrency() < 2) return;
  const Variable v = engine->variable();
  const Variable one[] = {v};
  std::atomic<bool> go{false};
  std::atomic<bool> read{false};
  std::thread later;
  engine->push([] {}, {}, one);
  engine->wait(v);
  engine->push(
      [&] {
        while (!go) std::this_thread::yield();
        read = true;
      },
      one, {});
  engine->wait(v);  // returns although the read cannot end
  REQUIRE_FALSE(read);
  go = true;
  engine->wait_to_write(v);
  REQUIRE(read);
}

TEST_CASE("a wait covers what was pushed before it, also while others push on", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  if (engine->pool()->concurrency() < 2) return;
  std::atomic<bool> stop{false};
  std::atomic<int64_t> noise{0};
  std::thread pusher([&] {
    const Variable other = engine->variable();
    while (!stop) {
      engine->push([&] { ++noise; }, {}, {&other, 1});
      if (noise % 64 == 0) std::this_thread::yield();
      engine->wait(other);
    }
  });
  const Variable v = engine->variable();
  for (int i = 0; i < 50; ++i) {
    int64_t mine = 0;
    for (int k = 0; k < 10; ++k) engine->push([&mine] { ++mine; }, {}, {&v, 1});
    engine->wait_all();  // must return although there is always something under way
    REQUIRE(mine == 10);
  }
  stop = true;
  pusher.join();
}

namespace {

// An embedding program's pool at its laziest: it runs jobs only on threads that ask for one.
class LazyPool final : public Pool {
 public:
  void submit(Job job) override {
    std::lock_guard lock(mutex_);
    jobs_.push_back(job);
  }
  int concurrency() const override { return 2; }
  bool in_worker() const override { return false; }
  bool help_one() override {
    Job job;
    {
      std::lock_guard lock(mutex_);
      if (jobs_.empty()) return false;
      job = jobs_.back();
      jobs_.pop_back();
    }
    job.run(job.data);
    return true;
  }

 private:
  void run_chunks(int64_t count, FunctionRef<void(int64_t)> piece) override {
    for (int64_t i = 0; i < count; ++i) piece(i);
  }
  std::mutex mutex_;
  std::vector<Job> jobs_;
};

}  // namespace

TEST_CASE("a thread that waits runs the tasks itself when no worker comes", "[engine]") {
  const auto engine = Engine::create({.pool = std::make_shared<LazyPool>()});
  const Variable v = engine->variable();
  const Variable w = engine->variable();
  std::vector<std::thread::id> ran;
  for (int i = 0; i < 100; ++i) {
    engine->push([&] { ran.push_back(std::this_thread::get_id()); }, {}, {&v, 1});
    engine->push([&] { ran.push_back(std::this_thread::get_id()); }, {&v, 1}, {&w, 1});
    engine->wait(i % 2 == 0 ? v : w);
  }
  engine->wait_all();
  REQUIRE(ran == std::vector(200, std::this_thread::get_id()));
}

TEST_CASE("what a thread that waited leaves behind runs without it", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  const Variable v = engine->variable();
  const Variable w = engine->variable();
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> ran{0};
    for (int i = 0; i < 5; ++i) engine->push([&] { ++ran; }, {}, {&v, 1});
    for (int i = 0; i < 20; ++i) engine->push([&] { ++ran; }, {&v, 1}, {&w, 1});
    for (int i = 0; i < 20; ++i) engine->push([&] { ++ran; }, {}, {});
    engine->wait(v);
    while (ran != 45) std::this_thread::yield();  // no call of the engine
  }
}

TEST_CASE("as many tasks run at a time as the pool has threads, with nobody waiting", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  const int workers = engine->pool()->concurrency();
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> inside{0};
    std::atomic<int> left{workers};
    for (int i = 0; i < workers; ++i) {
      engine->push(
          [&] {
            ++inside;
            while (inside < workers) std::this_thread::yield();
            --left;
          },
          {}, {});
    }
    while (left != 0) std::this_thread::yield();  // no call of the engine
    engine->wait_all();
  }
}

TEST_CASE("no more tasks run at a time than the pool has threads", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 50; ++i) {
      engine->push(
          [&] {
            const int now = ++inside;
            int seen = most;
            while (seen < now && !most.compare_exchange_weak(seen, now)) {
            }
            for (int k = 0; k < 200; ++k) std::atomic_signal_fence(std::memory_order_seq_cst);
            --inside;
          },
          {}, {});
    }
    engine->wait_all();  // this thread helps, in the place of a worker
  }
  REQUIRE(most <= engine->pool()->concurrency());
}

TEST_CASE("tasks push tasks", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  const Variable w = engine->variable();
  int64_t sum = 0;
  std::atomic<int> leaves{0};
  Engine& e = *engine;
  for (int i = 0; i < 50; ++i) {
    e.push(
        [&] {
          // Behind this task itself, which writes v, and beside it.
          e.push([&] { sum += 1; }, {}, {&v, 1});
          for (int k = 0; k < 10; ++k) e.push([&] { ++leaves; }, {&w, 1}, {});
          sum += 1;
        },
        {}, {&v, 1});
  }
  e.wait_all();
  REQUIRE(sum == 100);
  REQUIRE(leaves == 500);
}

TEST_CASE("a tree of tasks that push tasks", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  std::atomic<int> count{0};
  struct Grow {
    Engine& engine;
    std::atomic<int>& count;
    void operator()(int depth) const {
      ++count;
      if (depth == 0) return;
      for (int i = 0; i < 2; ++i) engine.push([*this, depth] { (*this)(depth - 1); }, {}, {});
    }
  };
  engine->push([grow = Grow{*engine, count}] { grow(10); }, {}, {});
  engine->wait_all();
  REQUIRE(count == (1 << 11) - 1);
}

TEST_CASE("a task may wait for what it pushed", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  Engine& e = *engine;
  const Variable out = e.variable();
  std::vector<int> results(20, 0);
  for (size_t i = 0; i < results.size(); ++i) {
    e.push(
        [&e, &results, i] {
          const Variable inner = e.variable();
          int value = 0;
          for (int k = 0; k < 5; ++k) e.push([&value] { ++value; }, {}, {&inner, 1});
          e.wait(inner);
          results[i] = value;
        },
        {&out, 1}, {});
  }
  e.wait_to_write(out);
  REQUIRE(results == std::vector<int>(20, 5));
}

TEST_CASE("a chain of 100,000 tasks does not use up the stack", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  // Held back until all is queued, so that it is released as one chain.
  const Variable v = engine->variable();
  int64_t count = 0;
  std::atomic<bool> go{engine->kind() != EngineKind::threaded};
  engine->push(
      [&] {
        while (!go) std::this_thread::yield();
      },
      {}, {&v, 1});
  for (int i = 0; i < 100000; ++i) engine->push([&count] { ++count; }, {}, {&v, 1});
  go = true;
  engine->wait(v);
  REQUIRE(count == 100000);
}

TEST_CASE("100,000 readers of one variable and then a write", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  std::atomic<int> readers{0};
  int before_write = -1;
  std::atomic<bool> go{engine->kind() != EngineKind::threaded};
  engine->push(
      [&] {
        while (!go) std::this_thread::yield();
      },
      {}, {&v, 1});
  for (int i = 0; i < 100000; ++i) engine->push([&] { ++readers; }, {&v, 1}, {});
  engine->push([&] { before_write = readers; }, {}, {&v, 1});
  go = true;
  engine->wait(v);
  REQUIRE(before_write == 100000);
}

TEST_CASE("the higher priority starts first", "[engine]") {
  const auto engine = Engine::create({.pool = make_pool({.concurrency = 1})});
  std::atomic<bool> started{false};
  std::atomic<bool> go{false};
  engine->push(
      [&] {
        started = true;
        while (!go) std::this_thread::yield();
      },
      {}, {});
  while (!started) std::this_thread::yield();
  std::vector<int> order;
  for (const int priority : {0, 5, -3, 7, 0, -3, 5}) {
    engine->push([&order, priority] { order.push_back(priority); }, {}, {}, {.priority = priority});
  }
  go = true;
  engine->wait_all();
  REQUIRE(order == std::vector<int>{7, 5, 5, 0, 0, -3, -3});
}

TEST_CASE("a variable may go while tasks on it are queued", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  std::atomic<int> ran{0};
  for (int i = 0; i < 500; ++i) {
    Variable v = engine->variable("short-lived");
    const Variable copy = v;
    REQUIRE(copy == v);
    if (i % 3 != 0) engine->push([&] { ++ran; }, {}, {&v, 1});
    if (i % 2 != 0) engine->push([&] { ++ran; }, {&v, 1}, {});
    if (i % 5 == 0) engine->wait(v);
    v = Variable();
  }
  engine->wait_all();
  REQUIRE(ran == 333 + 250);
}

TEST_CASE("what a task holds goes before waits for it return", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  for (int i = 0; i < 200; ++i) {
    auto held = std::make_shared<int>(i);
    engine->push([held] { (void)*held; }, {}, {&v, 1});
    engine->wait(v);
    REQUIRE(held.use_count() == 1);
  }
}

TEST_CASE("engines share variables", "[engine]") {
  const auto a = Engine::create({.pool = make_pool({.concurrency = 2})});
  const auto b = Engine::create({.pool = make_thread_pool({.concurrency = 1})});
  const auto c = Engine::create({.kind = EngineKind::serial});
  const Variable v = Variable::create("shared");
  int64_t value = 0;
  for (int i = 0; i < 300; ++i) {
    for (const auto& engine : {a, b, c}) engine->push([&value] { ++value; }, {}, {&v, 1});
  }
  a->wait(v);
  REQUIRE(value == 900);
}

TEST_CASE("wrong use of the engine is a sentence", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable("weight");
  const Variable empty;
  REQUIRE_FALSE(empty.valid());
  REQUIRE(v.name() == "weight");
  const Variable both[] = {v, empty};
  require_error_matches([&] { engine->push([] {}, both, {}, {.op = "Copy", .node = "c1"}); },
                        "Copy(c1): reads[1] is an empty Variable");
  require_error_matches([&] { engine->push([] {}, {}, both); }, "task: writes[1] is an empty");
  require_error_matches(
      [&] { engine->push([] {}, std::vector(250'001, v), {}, {.op = "Gather"}); },
      {"Gather: a task with 250001 variables; one can have 250000", "Push it in parts"});
  require_error_matches([&] { engine->push(Closure(), {}, {}); }, "push of an empty closure");
  require_error_matches([&] { engine->wait(empty); }, "Engine.wait: the Variable is empty");

  engine->push([&] { engine->wait(v); }, {}, {&v, 1}, {.op = "Loop", .node = "l"});
  require_error_matches([&] { engine->wait(v); },
                        {"Engine.wait: the task Loop(l) waits for variable 'weight', which it "
                         "writes itself"});
  engine->push([&] { engine->wait_to_write(v); }, {&v, 1}, {&v, 1}, {.op = "Skipped"});
  engine->push([] {}, {}, {&v, 1});
  engine->push([&] { engine->wait(v); }, {&v, 1}, {}, {.op = "Fine"});
  engine->push([&] { engine->wait_to_write(v); }, {&v, 1}, {}, {.op = "Reader"});
  require_error_matches([&] { engine->wait_all(); },
                        "Reader: Engine.wait_to_write: the task Reader waits for variable "
                        "'weight', which it reads itself");
  engine->push([&] { engine->wait_all(); }, {}, {}, {.op = "All"});
  require_error_matches([&] { engine->wait_all(); }, "Engine.wait_all: called inside the task All");
  engine->wait_all();
}

TEST_CASE("a thread that waits does not run others' tasks while they wait for it", "[engine]") {
  const auto holder = Engine::create({.pool = make_thread_pool({.concurrency = 1})});
  const auto serial = Engine::create({.kind = EngineKind::serial});
  int sum = 0;
  for (int round = 1; round <= 300; ++round) {
    const Variable v = serial->variable();
    std::atomic<bool> held{false}, go{false};
    holder->push(
        [&] {
          held = true;
          while (!go) std::this_thread::yield();
        },
        {}, {&v, 1});
    while (!held) std::this_thread::yield();
    std::atomic<bool> waits{false};
    std::thread pushing([&] {
      while (!waits) treadle::pause();
      for (int i = 0; i < round % 50 * 20; ++i) treadle::pause();
      serial->push([&sum] { ++sum; }, {}, {&v, 1});
    });
    std::thread waiting([&] {
      waits = true;
      serial->wait_to_write(v);  // now and then this thread is the one that takes what is pushed
    });
    std::this_thread::sleep_for(std::chrono::microseconds(300));
    go = true;
    waiting.join();
    pushing.join();
    serial->wait(v);
    REQUIRE(sum == round);
  }
}
