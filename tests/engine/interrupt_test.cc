// Waits that are called off.
#include "treadle/engine/interrupt.h"

#include <chrono>
#include <future>
#include <thread>

#include "treadle/core/error.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using treadle::testing::require_error_matches;

namespace {

// A task that ends when told to.
struct Held {
  explicit Held(Engine& engine) : variable(engine.variable("held")) {
    engine.push_async([this](Completion end) { started.set_value(std::move(end)); }, {},
                      {&variable, 1});
  }
  Completion completion() { return started.get_future().get(); }

  const Variable variable;
  std::promise<Completion> started;
};

bool always() { return true; }

// The serial engine waits in push for the end of an asynchronous task.
auto cases() {
  auto all = testing::engine_cases();
  std::erase_if(all, [](const auto& c) { return c.kind == EngineKind::serial; });
  return all;
}

}  // namespace

TEST_CASE("a wait that is called off leaves what it waited for", "[engine][interrupt]") {
  TREADLE_EACH_ENGINE(engine, cases());
  Held held(*engine);
  {
    const InterruptibleWaits waits(always);
    const auto start = std::chrono::steady_clock::now();
    CHECK_THROWS_AS(engine->wait(held.variable), Interrupted);
    CHECK_THROWS_AS(engine->wait_to_write(held.variable), Interrupted);
    CHECK_THROWS_AS(engine->wait_all(), Interrupted);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  }
  int value = 0;
  engine->push([&] { value = 1; }, {}, {&held.variable, 1});
  held.completion().done();
  engine->wait(held.variable);
  CHECK(value == 1);
  engine->wait_all();
}

TEST_CASE("a wait that is called off forgets an error that it finds", "[engine][interrupt]") {
  TREADLE_EACH_ENGINE(engine, cases());
  Held held(*engine);
  {
    const InterruptibleWaits waits(always);
    CHECK_THROWS_AS(engine->wait(held.variable), Interrupted);
  }
  held.completion().fail(std::make_exception_ptr(Error("it failed")));
  require_error_matches([&] { engine->wait(held.variable); }, "it failed");
}

TEST_CASE("waits inside tasks are not called off", "[engine][interrupt]") {
  // Runs tasks on the thread that waits.
  const auto engine = Engine::create({.kind = EngineKind::replay});
  Held held(*engine);
  std::thread other([&] {
    const Completion end = held.completion();
    std::this_thread::sleep_for(3 * detail::Interruption::period);
    end.done();
  });
  const Variable v = engine->variable();
  bool is_over = false;
  engine->push([&] { engine->wait(held.variable), is_over = true; }, {}, {&v, 1});
  {
    const InterruptibleWaits waits(always);
    engine->wait(v);
  }
  other.join();
  CHECK(is_over);
}

TEST_CASE("the turn of a variable is awaited where waits can be called off",
          "[engine][interrupt]") {
  TREADLE_EACH_ENGINE(engine, cases());
  Held held(*engine);
  await_turn(*engine, held.variable);  // nobody to ask
  {
    const InterruptibleWaits waits(always);
    CHECK_THROWS_AS(await_turn(*engine, held.variable), Interrupted);
    const InterruptibleWaits to_the_end(nullptr);
    await_turn(*engine, held.variable);
  }
  held.completion().fail(std::make_exception_ptr(Error("it failed")));
  const InterruptibleWaits waits([] { return false; });
  await_turn(*engine, held.variable);  // the failure is for who reads
  require_error_matches([&] { engine->wait(held.variable); }, "it failed");
}

TEST_CASE("an engine goes after waits for it were called off", "[engine][interrupt]") {
  for (int i = 0; i < 20; ++i) {
    auto engine = Engine::create({.kind = EngineKind::threaded});
    Held held(*engine);
    {
      const InterruptibleWaits waits(always);
      CHECK_THROWS_AS(engine->wait(held.variable), Interrupted);
    }
    held.completion().done();
    engine.reset();
  }
}
