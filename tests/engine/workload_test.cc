// Random tasks on random variables, compared with the same tasks run one after the other.
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>
#include <vector>

#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::EngineCase;

namespace {

struct RandomTask {
  std::vector<uint32_t> reads;
  std::vector<uint32_t> writes;
  bool fails = false;
};

struct Workload {
  uint32_t variables;
  std::vector<RandomTask> tasks;
};

struct Shape {
  uint32_t variables = 100;
  uint32_t tasks = 1000;
  uint32_t least_reads = 2;
  uint32_t most_reads = 20;
  uint32_t most_writes = 3;
  int failures_per_thousand = 0;
};

Workload random_workload(uint64_t seed, const Shape& shape) {
  std::mt19937_64 random(seed);
  const auto below = [&](uint64_t n) { return uint32_t(random() % n); };
  Workload workload{shape.variables, {}};
  for (uint32_t i = 0; i < shape.tasks; ++i) {
    RandomTask task;
    const uint32_t reads = shape.least_reads + below(shape.most_reads - shape.least_reads + 1);
    for (uint32_t r = 0; r < reads; ++r) task.reads.push_back(below(shape.variables));
    const uint32_t writes = 1 + below(shape.most_writes);  // may repeat, and overlap the reads
    for (uint32_t w = 0; w < writes; ++w) task.writes.push_back(below(shape.variables));
    task.fails = int(below(1000)) < shape.failures_per_thousand;
    workload.tasks.push_back(std::move(task));
  }
  return workload;
}

// The memory that the tasks work on: plain values, so that ThreadSanitizer sees each access that
// the engine did not order, and plain counters.
struct Memory {
  explicit Memory(uint32_t variables) : values(variables), writes(variables) {
    for (uint32_t i = 0; i < variables; ++i) values[i] = i + 1;
  }
  void apply(const RandomTask& task, uint64_t index) {
    uint64_t hash = 0x9E3779B97F4A7C15u * (index + 1);
    for (const uint32_t r : task.reads) hash = (hash ^ values[r]) * 0xff51afd7ed558ccdu;
    for (const uint32_t w : task.writes) {
      values[w] = values[w] * 31 + (hash ^ hash >> 29);
      ++writes[w];
    }
  }
  bool operator==(const Memory&) const = default;
  std::vector<uint64_t> values;
  std::vector<uint64_t> writes;
};

struct Pushed {
  std::vector<Variable> variables;

  void push(Engine& engine, Memory& memory, const Workload& workload) {
    if (variables.empty()) {
      for (uint32_t i = 0; i < workload.variables; ++i) variables.push_back(engine.variable());
    }
    std::vector<Variable> reads;
    std::vector<Variable> writes;
    for (size_t i = 0; i < workload.tasks.size(); ++i) {
      const RandomTask& task = workload.tasks[i];
      reads.clear();
      writes.clear();
      for (const uint32_t r : task.reads) reads.push_back(variables[r]);
      for (const uint32_t w : task.writes) writes.push_back(variables[w]);
      engine.push(
          [&memory, &task, i] {
            if (task.fails) throw std::runtime_error("planned");
            memory.apply(task, i);
          },
          reads, writes, {.op = "random", .priority = int(i % 5) == 0 ? int(i % 3) - 1 : 0});
    }
  }
};

void compare_with_serial_order(const std::vector<EngineCase>& cases, uint64_t first_seed, int seeds,
                               const Shape& shape) {
  std::vector<std::shared_ptr<Engine>> engines;
  for (const EngineCase& engine_case : cases) engines.push_back(engine_case.make());
  for (int s = 0; s < seeds; ++s) {
    const uint64_t seed = first_seed + uint64_t(s);
    const Workload workload = random_workload(seed, shape);
    Memory expected(shape.variables);
    for (size_t i = 0; i < workload.tasks.size(); ++i) expected.apply(workload.tasks[i], i);
    for (size_t e = 0; e < engines.size(); ++e) {
      Engine& engine = *engines[e];
      Memory memory(shape.variables);
      Pushed pushed;
      pushed.push(engine, memory, workload);
      if (seed % 2 == 0) {
        engine.wait_all();
      } else {
        for (const Variable& v : pushed.variables) engine.wait_to_write(v);
      }
      if (memory == expected) continue;
      FAIL(cases[e].name() << ", seed " << seed << ": not what serial order gives");
    }
  }
  SUCCEED();
}

}  // namespace

TEST_CASE("random workloads give what serial order gives", "[engine]") {
  const auto cases = testing::engine_cases();
  const auto which = size_t(GENERATE_COPY(range(0, int(cases.size()))));
  compare_with_serial_order({cases[which]}, 1000 * which, 50, {});
}

TEST_CASE("random workloads on few variables", "[engine]") {
  // Much waiting, many duplicates and overlaps.
  const auto cases = testing::engine_cases();
  const auto which = size_t(GENERATE_COPY(range(0, int(cases.size()))));
  compare_with_serial_order({cases[which]}, 77000 + 1000 * which, 60,
                            {.variables = 4, .tasks = 400, .least_reads = 0, .most_reads = 4});
}

TEST_CASE("threaded, serial and replay agree on ten thousand workloads", "[engine][slow]") {
  // A quarter of the seeds for each number of workers.
  const int workers = GENERATE(1, 2, 4, 8);
  const auto first = uint64_t(workers) * 1000000;
  compare_with_serial_order({{EngineKind::threaded, workers},
                             {EngineKind::serial, 1},
                             {EngineKind::replay, 1, false, first}},
                            first, 2500, {});
}

TEST_CASE("threaded, serial and replay agree on a million tasks", "[engine][slow]") {
  const uint64_t seed = uint64_t(GENERATE(range(1, 11)));
  compare_with_serial_order({{EngineKind::threaded, int(1 + seed % 8)},
                             {EngineKind::serial, 1},
                             {EngineKind::replay, 1, false, seed}},
                            seed, 1, {.tasks = 1000000});
}

TEST_CASE("after errors exactly the dependents are skipped, on every engine", "[engine]") {
  const auto cases = testing::engine_cases();
  const Shape shape{.variables = 30, .tasks = 300, .most_reads = 4, .failures_per_thousand = 30};
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const Workload workload = random_workload(seed, shape);

    // The rule by itself: a task with a tainted input is skipped and taints what it writes; one
    // that overwrites clears.
    Memory expected(shape.variables);
    std::set<uint32_t> tainted;
    for (size_t i = 0; i < workload.tasks.size(); ++i) {
      const RandomTask& task = workload.tasks[i];
      bool skip = task.fails;
      for (const uint32_t r : task.reads) skip = skip || tainted.count(r) != 0;
      for (const uint32_t w : task.writes) {
        if (skip) {
          tainted.insert(w);
        } else {
          tainted.erase(w);
        }
      }
      if (!skip) expected.apply(task, i);
    }

    for (const EngineCase& engine_case : cases) {
      INFO(engine_case.name() << ", seed " << seed);
      const auto engine = engine_case.make();
      Memory memory(shape.variables);
      Pushed pushed;
      pushed.push(*engine, memory, workload);
      for (uint32_t v = 0; v < shape.variables; ++v) {
        bool threw = false;
        try {
          engine->wait(pushed.variables[v]);
        } catch (const Error& error) {
          threw = true;
          REQUIRE(std::string(error.what()) == "random: planned");
        }
        REQUIRE(threw == (tainted.count(v) != 0));
      }
      // What is left to report never reached a variable that still shows it.
      while (true) {
        try {
          engine->wait_all();
          break;
        } catch (const Error&) {
        }
      }
      REQUIRE((memory == expected));
    }
  }
}

TEST_CASE("several threads push to the same variables", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  constexpr int threads = 8;
  constexpr int per_thread = 500;
  // Plain counters, each under one variable; every task also reads another's.
  std::vector<Variable> variables;
  std::vector<int64_t> counters(5, 0);
  for (size_t i = 0; i < counters.size(); ++i) variables.push_back(engine->variable());
  std::vector<std::thread> pushers;
  for (int t = 0; t < threads; ++t) {
    pushers.emplace_back([&, t] {
      std::mt19937 random(unsigned(t) + 1);
      for (int i = 0; i < per_thread; ++i) {
        const size_t a = random() % counters.size();
        const size_t b = random() % counters.size();
        const size_t c = random() % counters.size();
        const Variable reads[] = {variables[c]};
        const Variable writes[] = {variables[a], variables[b]};
        engine->push(
            [&counters, a, b, c] {
              ++counters[a];
              if (a != b) ++counters[b];
              if (counters[c] < 0) throw std::logic_error("impossible");
            },
            reads, writes);
        if (i % 97 == 0) engine->wait(variables[a]);
      }
    });
  }
  for (std::thread& t : pushers) t.join();
  engine->wait_all();
  int64_t expected = 0;
  for (int t = 0; t < threads; ++t) {
    std::mt19937 random(unsigned(t) + 1);
    for (int i = 0; i < per_thread; ++i) {
      const size_t a = random() % counters.size();
      const size_t b = random() % counters.size();
      random();
      expected += a == b ? 1 : 2;
    }
  }
  int64_t sum = 0;
  for (const int64_t c : counters) sum += c;
  REQUIRE(sum == expected);
}

TEST_CASE("two threads that push {A, B} and {B, A} never cross", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::threaded_cases());
  const Variable a = engine->variable("a");
  const Variable b = engine->variable("b");
  int64_t count = 0;  // plain: both orders exclude each other
  const auto push_many = [&](const Variable& first, const Variable& second) {
    const Variable writes[] = {first, second};
    for (int i = 0; i < 5000; ++i) engine->push([&count] { ++count; }, {}, writes);
  };
  std::thread other([&] { push_many(b, a); });
  push_many(a, b);
  other.join();
  engine->wait(a);
  engine->wait(b);
  REQUIRE(count == 10000);
}

namespace {

// Eight threads push to, wait for, replace and drop the same variables, each for as long as
// goes_on(steps so far).
void churn(Engine& engine, const std::function<bool(int)>& goes_on) {
  // A variable and the plain counter that it guards; replaced now and then while tasks are queued.
  struct Slot {
    Variable variable;
    std::shared_ptr<int64_t> count;
  };
  std::mutex mutex;
  std::vector<Slot> slots;
  std::atomic<int64_t> pushed{0}, applied{0};
  const auto fresh = [&] { return Slot{engine.variable(), std::make_shared<int64_t>(0)}; };
  for (int i = 0; i < 6; ++i) slots.push_back(fresh());
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      std::mt19937 random(t);
      for (int i = 0; goes_on(i); ++i) {
        Slot a;
        Slot b;
        {
          std::lock_guard lock(mutex);
          const size_t replaced = random() % slots.size();
          if (random() % 8 == 0) slots[replaced] = fresh();
          a = slots[random() % slots.size()];
          b = slots[random() % slots.size()];
        }
        ++pushed;
        engine.push(
            [&applied, from = b.count, to = a.count] {
              *to += 1 + *from * 0;
              ++applied;
            },
            {&b.variable, 1}, {&a.variable, 1});
        if (i % 16 == 0) engine.wait(a.variable);
        if (i % 64 == 0) engine.wait_to_write(b.variable);
        if (i % 128 == 0) engine.wait_all();
      }
    });
  }
  for (std::thread& t : threads) t.join();
  engine.wait_all();
  REQUIRE(applied == pushed);
}

}  // namespace

TEST_CASE("threads push to, wait for, replace and drop the same variables at once", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  churn(*engine, [](int steps) { return steps < 400; });
}

TEST_CASE("threads push to, wait for, replace and drop variables for a minute", "[engine][slow]") {
  const auto engine = Engine::create({});
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  churn(*engine, [end](int) { return std::chrono::steady_clock::now() < end; });
}
