// What a task costs in memory: nothing new, once warm.
#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include "treadle/engine/task_graph.h"
#include "treadle/tests/engine/engines.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TREADLE_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TREADLE_SANITIZED 1
#endif
#endif

// The sanitizers bring their own operator new, and under AddressSanitizer nodes are not recycled.
#ifndef TREADLE_SANITIZED

namespace {
std::atomic<int64_t> allocations{0};
// In slabs, from which the engine cuts its nodes: as large as their alignment.
std::atomic<int64_t> slab_bytes{0};
constexpr size_t slab_alignment = size_t(64) << 10;  // at least
// The allocation of this thread that fails, counted from 1; 0: none.
thread_local int64_t fail_at = 0;

void* counted(size_t size, size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (fail_at > 0 && --fail_at == 0) throw std::bad_alloc();
  void* memory =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(size)
          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
}  // namespace

void* operator new(size_t size) { return counted(size, 0); }
void* operator new(size_t size, std::align_val_t alignment) {
  if (size_t(alignment) >= slab_alignment) slab_bytes += int64_t(size);
  return counted(size, size_t(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t alignment) noexcept {
  if (size_t(alignment) >= slab_alignment) slab_bytes -= int64_t(alignment);
  std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

using namespace treadle;

TEST_CASE("once warm, a task allocates nothing", "[engine]") {
  const auto engine = Engine::create({.pool = make_thread_pool({.concurrency = 2})});
  std::vector<Variable> variables;
  for (int i = 0; i < 30; ++i) variables.push_back(engine->variable());
  std::array<int64_t, 7> payload{};  // with the reference below: 64 bytes
  std::atomic<int64_t> sum{0};
  const auto burst = [&](size_t tasks) {
    for (size_t i = 0; i < tasks; ++i) {
      const std::span<const Variable> all(variables);
      const auto reads = all.subspan(i % 10, 2 + i % 20);
      const auto writes = all.subspan(i % 29, 1);
      engine->push([&sum, payload] { sum += payload[0] + 1; }, reads, writes,
                   {.op = "burst", .priority = int(i % 3)});
      if (i % 10 == 0) {
        engine->push_async(
            [&sum](const Completion& c) {
              ++sum;
              c.done();
            },
            {}, writes);
      }
    }
  };
  // Warm: more tasks at once than a later burst can have under way, with what the threads keep of
  // each size for themselves.
  std::atomic<bool> go{false};
  engine->push(
      [&go] {
        while (!go) std::this_thread::yield();
      },
      {}, variables);
  burst(20000);
  go = true;
  engine->wait_all();
  REQUIRE(sum == 22000);

  const int64_t before = allocations;
  for (int round = 0; round < 50; ++round) {
    burst(1000);
    engine->wait(variables[size_t(round) % variables.size()]);
    engine->wait_all();
  }
  REQUIRE(sum == 22000 + 50 * 1100);
  // 55,000 tasks; each of the two threads may still lack room of its own for some of the ten sizes.
  REQUIRE(allocations - before < 40);
}

TEST_CASE("the serial engine allocates nothing per task either", "[engine]") {
  const auto engine = Engine::create({.kind = EngineKind::serial});
  const Variable v = engine->variable();
  int64_t sum = 0;
  for (int i = 0; i < 2000; ++i) engine->push([&sum] { ++sum; }, {}, {&v, 1});
  const int64_t before = allocations;
  for (int i = 0; i < 2000; ++i) engine->push([&sum] { ++sum; }, {}, {&v, 1});
  const int64_t made = allocations - before;
  REQUIRE(sum == 4000);
  REQUIRE(made < 100);  // the queue's blocks
}

TEST_CASE("once warm, a run of a graph allocates nothing", "[engine]") {
  for (const EngineKind kind : {EngineKind::threaded, EngineKind::serial, EngineKind::replay}) {
    const auto engine =
        Engine::create({.kind = kind, .pool = make_thread_pool({.concurrency = 2})});
    const Variable v = engine->variable();
    TaskGraphBuilder builder;
    const GraphVariable inside[] = {builder.internal(), builder.internal()};
    const GraphVariable outside = v;
    std::atomic<int64_t> sum{0};
    for (size_t i = 0; i < 50; ++i) {
      builder.add([&sum](const void*) { ++sum; }, {&inside[i % 2], 1}, {&inside[i % 3 % 2], 1});
      builder.add([&sum](const void*) { ++sum; }, {&inside[i % 2], 1}, {&outside, 1});
    }
    TaskGraph graph = builder.compile(engine);
    const auto burst = [&](int runs) {
      for (int i = 0; i < runs; ++i) graph.run();
      graph.wait();
    };
    for (int i = 0; i < 5; ++i) burst(300);  // more under way at once than later
    const int64_t before = allocations;
    for (int i = 0; i < 30; ++i) burst(100);
    REQUIRE(allocations - before < 20);  // of 3,000 runs of 100 nodes
    REQUIRE(sum == 100 * (5 * 300 + 30 * 100));
  }
}

TEST_CASE("a million queued tasks of three variables take at most 200 bytes each", "[engine]") {
  const auto engine = Engine::create({.pool = make_thread_pool({.concurrency = 1})});
  std::vector<Variable> variables;
  for (int i = 0; i < 100; ++i) variables.push_back(engine->variable());
  constexpr int64_t tasks = 1000000;
  int64_t sum = 0;
  const auto counter = [&sum] { ++sum; };

  // Memory of an earlier turn is used again, and counts.
  const int64_t before = slab_bytes;
  for (size_t writes = 1; writes <= 3; ++writes) {
    std::unique_ptr<Completion> gate;  // holds all variables until all is queued
    engine->push_async([&gate](const Completion& c) { gate = std::make_unique<Completion>(c); }, {},
                       variables);
    std::atomic<bool> started{false};
    engine->push([&started] { started = true; }, {}, {});
    while (!started) std::this_thread::yield();

    sum = 0;
    for (int64_t i = 0; i < tasks; ++i) {
      // All of them in the end behind the gate or behind one another.
      const auto at = size_t(i * 7 % 97);
      engine->push(counter, std::span(variables).subspan(at, 3 - writes),
                   std::span(variables).subspan(at + 3 - writes, writes));
    }
    const int64_t bytes = slab_bytes - before;
    INFO(writes << " writes: " << double(bytes) / double(tasks) << " bytes a task");
    CHECK(bytes <= 201 * tasks);  // headers of slabs, and the last one is not full
    CHECK(bytes >= 100 * tasks);  // or they were not counted
    gate->done();
    engine->wait_all();
    CHECK(sum == tasks);
  }
}

namespace {

// Lets each allocation of this thread in `operation` fail in turn, the first, then the second and
// so on, until none is left; `check` after each.
template <class Operation, class Check>
int fail_each_allocation(Operation operation, Check check) {
  for (int64_t k = 1;; ++k) {
    bool failed = false;
    fail_at = k;
    try {
      operation();
    } catch (const std::bad_alloc&) {
      failed = true;
    }
    const bool is_over = fail_at > 0;
    fail_at = 0;
    check(failed);
    if (is_over) return int(k) - 1;
  }
}

}  // namespace

TEST_CASE("any allocation may fail: nothing is lost and the engine goes on", "[engine]") {
  for (const EngineKind kind : {EngineKind::threaded, EngineKind::serial, EngineKind::replay}) {
    const auto engine =
        Engine::create({.kind = kind, .pool = make_thread_pool({.concurrency = 1})});
    std::atomic<int> ran{0};
    int expected = 0;
    std::vector<Variable> variables;
    // A large closure, a large node, a new variable, an asynchronous task, an error.
    const auto pushes = [&] {
      std::array<char, 200> large{};
      const Variable v = engine->variable("a name too long to be kept inside of a std::string");
      engine->push([&ran, large] { ran += 1 + large[0]; }, {}, {&v, 1});
      variables.assign(60, v);
      for (Variable& each : variables) each = engine->variable();
      engine->push([&ran] { ++ran; }, {}, variables);
      engine->push_async(
          [&ran](const Completion& c) {
            ++ran;
            c.done();
          },
          {}, variables);
      engine->push([] { throw std::runtime_error("planned"); }, {}, {&v, 1});
    };
    fail_each_allocation(pushes, [&](bool) {
      for (int i = 0; i < 3; ++i) {  // what is still to be reported
        try {
          engine->wait_all();
        } catch (const Error&) {
        }
      }
      expected = ran;
      engine->push([&ran] { ++ran; }, {}, variables);
      for (const Variable& v : variables) engine->wait(v);
      engine->wait_all();
      REQUIRE(ran == expected + 1);
    });

    const Variable outside = engine->variable();
    TaskGraph graph;
    const auto compile_and_run = [&] {
      TaskGraphBuilder builder;
      const GraphVariable both[] = {builder.internal(), outside};
      for (int i = 0; i < 20; ++i) {
        builder.add([&ran](const void*) { ++ran; }, {}, std::span(both).subspan(i % 2 == 0, 1),
                    {.op = "Op", .node = "a name too long to be kept inside of a std::string"});
      }
      graph = builder.compile(engine);
      for (int i = 0; i < 5; ++i) graph.run();
    };
    const int places = fail_each_allocation(compile_and_run, [&](bool) {
      engine->wait_all();
      expected = ran;
      if (!graph.valid()) return;
      graph.run();
      graph.wait();
      engine->wait(outside);
      REQUIRE(ran == expected + 20);
    });
    REQUIRE(places > 20);
  }
}

TEST_CASE("when memory runs out in a push, nothing is queued and the engine goes on", "[engine]") {
  const auto engine = Engine::create({.pool = make_thread_pool({.concurrency = 1})});
  int failed = 0;
  int64_t ran = 0;
  for (int64_t k = 1; k <= 40; ++k) {
    // New variables and more of them each time, so that no recycled node fits.
    std::vector<Variable> variables;
    for (int64_t i = 0; i < 20 * k; ++i) variables.push_back(engine->variable());
    std::array<char, 100> large{};
    fail_at = k;
    try {
      engine->push([&ran, large] { ran += 1 + large[0]; }, {}, variables);
    } catch (const std::bad_alloc&) {
      ++failed;
    }
    fail_at = 0;
    engine->wait_all();
    const int64_t before = ran;
    engine->push([&ran] { ++ran; }, variables, variables);
    for (const Variable& v : variables) engine->wait(v);
    REQUIRE(ran == before + 1);
  }
  REQUIRE(failed > 0);
}

#endif  // TREADLE_SANITIZED
