// What becomes of exceptions in tasks.
#include <atomic>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>

#include "treadle/engine/engine.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::error_of;
using treadle::testing::require_error_matches;

namespace {

class OwnError : public Error {
 public:
  using Error::Error;
};

}  // namespace

TEST_CASE("an error taints what depends on it and nothing else", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable a = engine->variable("a");
  const Variable b = engine->variable("b");
  const Variable c = engine->variable("c");
  int ran = 0;
  engine->push([] { throw std::runtime_error("broken"); }, {}, {&a, 1},
               {.op = "Convolution", .node = "conv1"});
  engine->push([&] { ran += 1; }, {&a, 1}, {&b, 1});    // skipped
  engine->push([&] { ran += 10; }, {}, {&c, 1});        // independent
  engine->push([&] { ran += 100; }, {&b, 1}, {&b, 1});  // an update of a tainted value: skipped

  for (int i = 0; i < 3; ++i) {  // every time
    require_error_matches([&] { engine->wait(a); }, "Convolution(conv1): broken");
    require_error_matches([&] { engine->wait(b); }, "Convolution(conv1): broken");
    require_error_matches([&] { engine->wait_to_write(b); }, "Convolution(conv1): broken");
  }
  engine->wait(c);
  engine->wait_all();  // the error is known already
  REQUIRE(ran == 10);

  // Written anew, they are good again.
  engine->push([&] { ran += 1000; }, {}, {&a, 1});
  engine->push([&] { ran += 10000; }, {&a, 1}, {&b, 1});
  engine->wait(b);
  engine->wait(a);
  REQUIRE(ran == 11010);
}

TEST_CASE("wait_all reports each unseen error once, the first one first", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  for (const char* name : {"one", "two", "three"}) {
    engine->push([] { throw std::runtime_error("broken"); }, {}, {&v, 1}, {.op = name});
  }
  REQUIRE(error_of([&] { engine->wait_all(); }) == "one: broken");
  REQUIRE(error_of([&] { engine->wait_all(); }) == "two: broken");
  REQUIRE(error_of([&] { engine->wait(v); }) == "three: broken");
  engine->wait_all();
  // Of a task that writes nothing only wait_all can tell.
  engine->push([] { throw std::runtime_error("unseen"); }, {}, {});
  REQUIRE(error_of([&] { engine->wait_all(); }) == "task: unseen");
  engine->wait_all();
}

TEST_CASE("a burst of errors is kept within bounds, and the rest is counted", "[engine]") {
  const auto engine = Engine::create({.pool = make_pool({.concurrency = 2})});
  for (int i = 0; i < 1500; ++i) {
    engine->push([] { throw std::runtime_error("again"); }, {}, {});
  }
  int reports = 0;
  std::string last;
  for (; reports < 2000; ++reports) {
    try {
      engine->wait_all();
      break;
    } catch (const Error& error) {
      last = error.what();
    }
  }
  REQUIRE(reports == 1025);
  REQUIRE(last ==
          "Engine: 476 more tasks failed than the 1024 whose errors are kept; wait more "
          "often to see each.");
}

TEST_CASE("an error keeps its type and names the task once", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  const auto push = [&](auto thrower) {
    engine->push(std::move(thrower), {}, {&v, 1}, {.op = "Op", .node = "n"});
  };
  push([] { throw Error("bad value"); });
  REQUIRE(error_of([&] { engine->wait(v); }) == "Op(n): bad value");
  push([] { throw Error("Op(n): bad value"); });
  REQUIRE(error_of([&] { engine->wait(v); }) == "Op(n): bad value");
  push([] { throw OutOfMemory("no room"); });
  REQUIRE(error_of<OutOfMemory>([&] { engine->wait(v); }) == "Op(n): no room");
  push([] { throw Cancelled("stopped"); });
  REQUIRE(error_of<Cancelled>([&] { engine->wait(v); }) == "Op(n): stopped");
  push([] { throw InternalError("surprise."); });
  require_error_matches<InternalError>([&] { engine->wait(v); }, "surprise.");
  push([] { throw OwnError("mine"); });
  REQUIRE(error_of<OwnError>([&] { engine->wait(v); }) == "mine");
  push([] { throw std::out_of_range("index 7"); });
  REQUIRE(error_of([&] { engine->wait(v); }) == "Op(n): index 7");
  push([] { throw std::bad_alloc(); });
  require_error_matches<OutOfMemory>([&] { engine->wait(v); }, "Op(n): the host has no memory");
  push([] { throw 42; });
  require_error_matches([&] { engine->wait(v); }, "Op(n): the task threw something that is not");
}

TEST_CASE("many threads may see one error at once", "[engine]") {
  const auto engine = Engine::create({.pool = make_pool({.concurrency = 2})});
  const Variable v = engine->variable();
  engine->push([] { throw Error("shared"); }, {}, {&v, 1});
  std::vector<std::thread> threads;
  std::atomic<int> seen{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        try {
          engine->wait(v);
        } catch (const Error& error) {
          seen += std::string(error.what()) == "task: shared";
        }
      }
    });
  }
  for (std::thread& t : threads) t.join();
  REQUIRE(seen == 200);
}

TEST_CASE("asynchronous tasks end when they are completed", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  std::vector<std::thread> outside;
  int value = 0;
  for (int i = 0; i < 20; ++i) {
    engine->push_async(
        [&](Completion completion) {
          outside.emplace_back([&value, completion] {
            ++value;  // plain: ordered by the variable alone
            completion.done();
            completion.done();  // no second time
            completion.fail(std::make_exception_ptr(Error("too late")));
          });
        },
        {}, {&v, 1});
    engine->push([&value] { value += 100; }, {}, {&v, 1});
  }
  engine->push_async(
      [&](const Completion& completion) {
        value += 10000;
        completion.done();  // at once
      },
      {}, {&v, 1});
  engine->wait(v);
  REQUIRE(value == 12020);
  for (std::thread& t : outside) t.join();
  engine->wait_all();
}

TEST_CASE("asynchronous tasks fail, drop their completion or throw", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Variable v = engine->variable();
  const TaskOptions options{.op = "Receive", .node = "r"};
  std::thread outside;
  engine->push_async(
      [&](Completion completion) {
        outside = std::thread([completion = std::move(completion)] {
          completion.fail(std::make_exception_ptr(std::runtime_error("connection lost")));
        });
      },
      {}, {&v, 1}, options);
  REQUIRE(error_of([&] { engine->wait(v); }) == "Receive(r): connection lost");
  outside.join();

  engine->push_async([](const Completion&) {}, {}, {&v, 1}, options);
  REQUIRE(error_of([&] { engine->wait(v); }) ==
          "Receive(r): the task can never end: every Completion went away without done() or "
          "fail().");

  engine->push_async([](const Completion&) { throw Error("at once"); }, {}, {&v, 1}, options);
  REQUIRE(error_of([&] { engine->wait(v); }) == "Receive(r): at once");

  // What is thrown after the completion is not lost either.
  engine->push_async(
      [](const Completion& completion) {
        completion.done();
        throw Error("afterwards");
      },
      {}, {&v, 1}, options);
  REQUIRE(error_of([&] { engine->wait(v); }) == "Receive(r): afterwards");

  engine->push_async([](const Completion& c) { c.fail(nullptr); }, {}, {&v, 1}, options);
  require_error_matches([&] { engine->wait(v); }, "Receive(r): the task failed without saying why");

  // Skipped, with its closure destroyed.
  auto held = std::make_shared<int>(0);
  engine->push_async([held](const Completion&) { *held = 1; }, {&v, 1}, {&v, 1}, options);
  require_error_matches([&] { engine->wait(v); }, "without saying why");
  REQUIRE(held.use_count() == 1);
  REQUIRE(*held == 0);

  engine->push_async([](const Completion& c) { c.done(); }, {}, {&v, 1}, options);
  engine->wait(v);
  engine->wait_all();
}

TEST_CASE("a completion may outlive the engine's interest in it", "[engine]") {
  std::unique_ptr<Completion> kept;
  {
    const auto engine = Engine::create({.pool = make_pool({.concurrency = 1})});
    const Variable v = engine->variable();
    engine->push_async(
        [&](const Completion& c) {
          kept = std::make_unique<Completion>(c);
          c.done();
        },
        {}, {&v, 1});
    engine->wait(v);
  }
  kept->done();
  const Completion copy = *kept;
  kept.reset();
}
