// Tasks on streams: issued when what they follow on streams is issued, done when their work is.
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "treadle/device/driver.h"
#include "treadle/device/emulated.h"
#include "treadle/device/null_driver.h"
#include "treadle/engine/issued.h"
#include "treadle/engine/task_graph.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::EngineCase;
using treadle::testing::require_error_matches;

#if defined(__SANITIZE_THREAD__)
#define TREADLE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TREADLE_TSAN 1
#endif
#endif

namespace {

Device device_number(int which) {
  static const Device devices[] = {add_emulated_gpu({.seed = 11}), add_emulated_gpu({.seed = 12})};
  return devices[which];
}

// Queues `kernel` as the work of a task.
template <class Kernel>
void push_kernel(Engine& engine, Kernel kernel, std::vector<Variable> reads,
                 std::vector<Variable> writes, Device device, Lane lane = Lane::compute,
                 std::string_view op = "kernel") {
  Stream* const stream = stream_of(device, lane);
  engine.push([stream, kernel] { stream->launch("kernel", kernel); }, reads, writes,
              {.op = op, .device = device, .lane = lane});
}

std::shared_ptr<Engine> threaded() { return EngineCase{}.make(); }

void wait_for(const std::atomic<int>& count, int value) {
  while (count != value) std::this_thread::yield();
}

}  // namespace

TEST_CASE("tasks that follow each other on a device are issued without waiting",
          "[engine][device]") {
  const auto engine = threaded();
  const Variable v = engine->variable();
  std::atomic<bool> go{false};
  std::atomic<int> issued{0};
  int value = 0;  // plain
  push_kernel(
      *engine,
      [&] {
        while (!go) std::this_thread::yield();
      },
      {}, {v}, device_number(0));
  for (int i = 0; i < 300; ++i) {
    // One after the other on all lanes and both devices.
    const Device device = device_number(i / 3 % 2);
    const Lane lane = Lane(i % num_lanes);
    Stream* const stream = stream_of(device, lane);
    engine->push(
        [&, stream] {
          ++issued;
          stream->launch("add", [&value] { ++value; });
        },
        {&v, 1}, {&v, 1}, {.device = device, .lane = lane});
  }
  wait_for(issued, 300);  // although the first has not ended
  REQUIRE_FALSE(go);
  go = true;
  engine->wait(v);
  REQUIRE(value == 300);
}

TEST_CASE("the host waits until work is done, tasks on the host too", "[engine][device]") {
  for (const bool serial : {false, true}) {
    const auto engine = EngineCase{serial ? EngineKind::serial : EngineKind::threaded, 2}.make();
    const Variable v = engine->variable(), w = engine->variable();
    for (int round = 0; round < 50; ++round) {
      int value = 0, seen = 0;
      push_kernel(
          *engine,
          [&] {
            std::this_thread::sleep_for(std::chrono::microseconds(200));
            value = 5;
          },
          {}, {v}, device_number(0), Lane::copy_in);
      engine->push([&] { seen = value; }, {&v, 1}, {&w, 1});
      if (round % 3 == 0) engine->wait(w);
      engine->wait(v);
      REQUIRE(value == 5);
      engine->wait_to_write(v);
      engine->wait(w);
      REQUIRE(seen == 5);
      // And a host task's write is seen by the device, whose read is over before the next write.
      engine->push([&] { value = 6; }, {}, {&v, 1});
      push_kernel(*engine, [&] { seen = value; }, {v}, {w}, device_number(1));
      engine->push([&] { value = 7; }, {}, {&v, 1});
      engine->wait_all();
      REQUIRE(seen == 6);
      REQUIRE(value == 7);
    }
  }
}

namespace {

// Values that a random program of tasks on the host and on all streams leaves in `variables`.
std::vector<uint64_t> run_random(Engine& engine, uint64_t seed, int tasks, bool with_devices) {
  constexpr int num_variables = 12;
  std::mt19937_64 random(seed);
  std::vector<uint64_t> values(num_variables, 1);  // plain: ordered by the engine alone
  std::vector<Variable> variables;
  for (int i = 0; i < num_variables; ++i) variables.push_back(engine.variable());
  for (int t = 0; t < tasks; ++t) {
    std::vector<int> read, written;
    std::vector<Variable> reads, writes;
    for (uint64_t n = random() % 4; n > 0; --n) read.push_back(int(random() % num_variables));
    for (uint64_t n = random() % 3; n > 0; --n) written.push_back(int(random() % num_variables));
    for (int i : read) reads.push_back(variables[size_t(i)]);
    for (int i : written) writes.push_back(variables[size_t(i)]);
    const auto body = [&values, read, written, t] {
      auto sum = uint64_t(t);
      for (int i : read) sum = sum * 31 + values[size_t(i)];
      for (int i : written) values[size_t(i)] = sum++;
    };
    const uint64_t place = random() % 8;
    if (with_devices && place >= 2) {
      push_kernel(engine, body, reads, writes, device_number(int(place % 2)),
                  Lane(place / 2 % num_lanes));
    } else {
      engine.push(body, reads, writes);
    }
  }
  engine.wait_all();
  return values;
}

}  // namespace

TEST_CASE("random programs on hosts and streams end as in their order", "[engine][device]") {
  const auto reference = EngineCase{EngineKind::serial, 1}.make();
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  for (uint64_t seed = 0; seed < 12; ++seed) {
    INFO("seed " << seed);
    REQUIRE(run_random(*engine, seed, 150, true) == run_random(*reference, seed, 150, false));
  }
}

TEST_CASE("random programs on streams, many", "[engine][device][slow]") {
  const auto reference = EngineCase{EngineKind::serial, 1}.make();
  const auto engine = threaded();
  for (uint64_t seed = 100; seed < 600; ++seed) {
    INFO("seed " << seed);
    REQUIRE(run_random(*engine, seed, 300, true) == run_random(*reference, seed, 300, false));
  }
}

#ifndef TREADLE_TSAN  // which would report the race that this is about

namespace {

// Data goes in on one stream, is used on the next and comes out on a third; each edge is one wait.
// Gives what came out. The first stream is held up, so that who does not wait for it is too early.
int run_pipeline(uint64_t drop_wait, uint64_t& waits) {
  const Device device =
      add_emulated_gpu({.most_delay = std::chrono::microseconds(0), .drop_wait = drop_wait});
  const auto engine = threaded();
  const Variable x = engine->variable(), y = engine->variable(), z = engine->variable();
  std::atomic<int> in{0}, out{0}, result{0};  // atomic: the missing edge makes no undefined value
  const auto slowly = [] { std::this_thread::sleep_for(std::chrono::milliseconds(30)); };
  push_kernel(
      *engine,
      [&, slowly] {
        slowly();
        in = 20;
      },
      {}, {x}, device, Lane::copy_in);
  push_kernel(
      *engine,
      [&, slowly] {
        const int got = in;
        slowly();
        out = got + 1;
      },
      {x}, {y}, device, Lane::compute);
  push_kernel(*engine, [&] { result = out * 2; }, {y}, {z}, device, Lane::copy_out);
  engine->wait_all();
  waits = emulated_waits(device);
  return result;
}

}  // namespace

TEST_CASE("each edge between streams is needed: without it the result is wrong",
          "[engine][device]") {
  uint64_t waits = 0;
  REQUIRE(run_pipeline(0, waits) == 42);
  REQUIRE(waits == 2);
  for (uint64_t edge = 1; edge <= 2; ++edge) {
    INFO("without edge " << edge);
    uint64_t met = 0;
    CHECK(run_pipeline(edge, met) != 42);
    CHECK(met == 2);
  }
}

#endif

TEST_CASE("an error of a kernel reaches exactly what depends on it", "[engine][device]") {
  for (const bool serial : {false, true}) {
    const auto engine = EngineCase{serial ? EngineKind::serial : EngineKind::threaded, 2}.make();
    const Variable a = engine->variable(), b = engine->variable(), c = engine->variable(),
                   d = engine->variable(), other = engine->variable();
    std::atomic<int> ran{0}, independent{0};
    push_kernel(
        *engine, [] { throw std::runtime_error("too hot"); }, {}, {a}, device_number(0),
        Lane::compute, "melt");
    push_kernel(*engine, [&] { ++ran; }, {a}, {b}, device_number(0));                 // same stream
    push_kernel(*engine, [&] { ++ran; }, {b}, {c}, device_number(1), Lane::copy_in);  // another
    engine->push([&] { ++ran; }, {&c, 1}, {&d, 1});                                   // the host
    push_kernel(*engine, [&] { ++independent; }, {}, {other}, device_number(0));
    for (const Variable& v : {a, b, c, d, d, a}) {
      require_error_matches([&] { engine->wait(v); }, "melt: too hot");
    }
    require_error_matches([&] { engine->wait_to_write(b); }, "melt: too hot");
    require_error_matches([&] { engine->wait(b); }, "melt: too hot");
    engine->wait(other);
    REQUIRE(ran == 0);
    REQUIRE(independent == 1);
    // Written anew, by the device and by the host, they are good.
    push_kernel(*engine, [&] { ++ran; }, {}, {a}, device_number(1));
    engine->push([&] { ++ran; }, {}, {&b, 1});
    push_kernel(*engine, [&] { ++ran; }, {a, b}, {c}, device_number(0));
    engine->wait(c);
    REQUIRE(ran == 3);
    require_error_matches([&] { engine->wait(d); }, "melt: too hot");
    engine->wait_all();  // it was reported
  }
}

TEST_CASE("an error while work is queued is one too", "[engine][device]") {
  const auto engine = threaded();
  const Variable a = engine->variable(), b = engine->variable();
  std::atomic<int> ran{0};
  engine->push([] { throw std::runtime_error("no room"); }, {}, {&a, 1},
               {.op = "plan", .node = "n1", .device = device_number(0)});
  push_kernel(*engine, [&] { ++ran; }, {a}, {b}, device_number(0));
  require_error_matches([&] { engine->wait(b); }, "plan(n1): no room");
  // And one of the host that a task on a stream inherits.
  engine->push([] { throw std::runtime_error("on the host"); }, {}, {&a, 1}, {.op = "host"});
  push_kernel(*engine, [&] { ++ran; }, {a}, {b}, device_number(1), Lane::copy_out);
  require_error_matches([&] { engine->wait(b); }, "host: on the host");
  require_error_matches([&] { engine->wait(a); }, "host: on the host");
  engine->wait_all();
  REQUIRE(ran == 0);
}

TEST_CASE("an unreported error of a stream is thrown by wait_all", "[engine][device]") {
  const auto engine = threaded();
  const Variable a = engine->variable();
  push_kernel(*engine, [] { throw std::runtime_error("unseen"); }, {}, {a}, device_number(0));
  require_error_matches([&] { engine->wait_all(); }, "kernel: unseen");
  engine->wait_all();
}

TEST_CASE("what only reads a variable leaves no trail", "[engine][device]") {
  const auto engine = threaded();
  const Variable weight = engine->variable();
  std::atomic<int64_t> ran{0};
  push_kernel(*engine, [&] { ++ran; }, {}, {weight}, device_number(0));
  for (int i = 0; i < 3000; ++i) {
    push_kernel(*engine, [&] { ++ran; }, {weight}, {}, device_number(i % 2), Lane(i % num_lanes));
  }
  engine->wait_all();
  REQUIRE(ran == 3001);
  int links = 0;
  const auto& last = *weight.state()->last.load();
  for (const detail::IssuedLink* l = last.attached.others(); l != nullptr; l = l->next) ++links;
  REQUIRE(links <= 2 * num_lanes);
  // An event fires when the driver has told the engine, so a moment later.
  while (!detail::pending_events(weight).empty()) std::this_thread::yield();
}

TEST_CASE("a closure goes when its task has ended, or when it is issued", "[engine][device]") {
  const auto engine = threaded();
  const Variable v = engine->variable();
  for (const bool at_issue : {false, true}) {
    std::atomic<bool> go{false};
    std::atomic<int> next_issued{0};
    auto kept = std::make_shared<int>(0);
    Stream* const stream = stream_of(device_number(0), Lane::compute);
    engine->push(
        [stream, kept, &go] {
          stream->launch("busy", [&go] {
            while (!go) std::this_thread::yield();
          });
        },
        {}, {&v, 1}, {.device = device_number(0), .ends_at_issue = at_issue});
    engine->push([&] { ++next_issued; }, {}, {&v, 1}, {.device = device_number(0)});
    wait_for(next_issued, 1);
    if (at_issue) {
      while (kept.use_count() != 1) std::this_thread::yield();
    } else {
      REQUIRE(kept.use_count() == 2);
    }
    go = true;
    engine->wait_all();
    REQUIRE(kept.use_count() == 1);
  }
}

TEST_CASE("a variable of memory that is still in use is written after that use",
          "[engine][device]") {
  const auto engine = threaded();
  Stream& busy = *stream_of(device_number(0), Lane::compute);
  std::atomic<bool> go{false};
  int order = 0, seen = 0;
  busy.launch("busy", [&] {
    while (!go) std::this_thread::yield();
    order = 1;
  });
  const Event event = busy.record();
  const Variable v = detail::variable_after({&event, 1});
  REQUIRE(detail::pending_events(v).size() == 1);
  engine->wait(v);           // no value is under way
  engine->wait_to_write(v);  // nor does that lose the event
  std::atomic<int> issued{0};
  Stream* const stream = stream_of(device_number(1), Lane::copy_in);
  engine->push(
      [&, stream] {
        ++issued;
        stream->launch("use", [&] { seen = order; });
      },
      {}, {&v, 1}, {.device = device_number(1), .lane = Lane::copy_in});
  wait_for(issued, 1);
  go = true;
  engine->wait(v);
  REQUIRE(seen == 1);
}

TEST_CASE("devices that know nothing of each other's events meet on the host", "[engine][device]") {
  const Device null = add_null_gpu();
  const auto engine = threaded();
  const Variable v = engine->variable();
  std::atomic<int> value{0};
  std::atomic<bool> go{false};
  std::atomic<int> issued{0};
  push_kernel(
      *engine,
      [&] {
        while (!go) std::this_thread::yield();
        value = 1;
      },
      {}, {v}, device_number(0));
  engine->push([&] { issued = value + 1; }, {&v, 1}, {&v, 1}, {.device = null});
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  REQUIRE(issued == 0);
  go = true;
  engine->wait(v);
  REQUIRE(issued == 2);
}

TEST_CASE("a graph's nodes follow tasks on streams, and are followed by them", "[engine][device]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable in = engine->variable(), out = engine->variable(), free = engine->variable();
  std::atomic<int> freely{0};
  int a = 0, b = 0, c = 0;  // plain
  TaskGraphBuilder builder;
  const GraphVariable inner = builder.internal();
  builder.add([&](const void*) { ++freely; }, {}, {{GraphVariable(free)}});
  builder.add([&](const void*) { b = a * 2; }, {{GraphVariable(in)}}, {{inner}});
  builder.add([&](const void*) { c = b + 1; }, {{inner}}, {{GraphVariable(out)}});
  const auto add_on_host = [&] {
    require_error_matches(
        [&] { builder.add([](const void*) {}, {}, {}, {.op = "conv", .device = gpu(0)}); },
        "conv: a graph's node is placed on gpu(0), but its nodes run on the host");
  };
  add_on_host();
  TaskGraph graph = builder.compile(engine);
  int seen = 0;
  for (int round = 1; round <= 60; ++round) {
    push_kernel(
        *engine,
        [&a, round] {
          std::this_thread::sleep_for(std::chrono::microseconds(round % 5 * 50));
          a = round;
        },
        {}, {in}, device_number(round % 2), Lane(round % num_lanes));
    graph.run();
    push_kernel(*engine, [&] { seen = c; }, {out}, {}, device_number(0));
    if (round % 4 != 0) continue;
    engine->wait_to_write(out);
    REQUIRE(seen == round * 2 + 1);
    REQUIRE(freely >= 1);
  }
  // An error goes through the graph, and the next run is free of it.
  push_kernel(*engine, [] { throw Error("overheated."); }, {}, {in}, device_number(0));
  graph.run();
  require_error_matches([&] { engine->wait(out); }, "overheated.");
  push_kernel(*engine, [&] { a = 4; }, {}, {in}, device_number(1));
  graph.run();
  engine->wait(out);
  REQUIRE(c == 9);
  try {
    engine->wait_all();
  } catch (const Error&) {
  }
}

TEST_CASE("a task on a device that is not there is refused by push", "[engine][device]") {
  const auto engine = threaded();
  const Variable v = engine->variable();
  require_error_matches([&] { engine->push([] {}, {}, {&v, 1}, {.device = gpu(63)}); },
                        "gpu(63): there is no such device");
  engine->wait(v);
}

TEST_CASE("many threads push to streams", "[engine][device]") {
  const auto engine = threaded();
  std::vector<std::thread> threads;
  std::vector<int64_t> counts(4, 0);  // plain
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      const Variable mine = engine->variable();
      for (int i = 0; i < 200; ++i) {
        push_kernel(
            *engine, [&counts, t] { ++counts[size_t(t)]; }, {}, {mine}, device_number((t + i) % 2),
            Lane((t + i) % num_lanes));
        if (i % 50 == 49) engine->wait(mine);
      }
      engine->wait(mine);
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(counts == std::vector<int64_t>(4, 200));
}
