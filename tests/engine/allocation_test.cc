// What a task costs in memory: nothing new, once warm.
#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <thread>
#include <vector>

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
  return counted(size, size_t(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
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
  // 55,000 tasks; a thread that comes into play late may still need a few nodes of its own.
  REQUIRE(allocations - before < 20);
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
