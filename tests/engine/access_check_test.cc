#include "treadle/engine/access_check.h"

#include "treadle/engine/task_graph.h"
#include "treadle/tests/engine/engines.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

struct Checked {
  explicit Checked(bool on) : was_on(set_access_check(on)) {}
  ~Checked() { set_access_check(was_on); }
  const bool was_on;
};

}  // namespace

TEST_CASE("a task that touches what it did not declare fails, by name", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Checked checked(true);
  const Variable declared = engine->variable("declared"), other = engine->variable("other");
  const Variable result = engine->variable("result"), nameless = engine->variable();
  engine->push([&] { check_access(declared), check_access(result); }, {&declared, 1}, {&result, 1});
  REQUIRE_NOTHROW(engine->wait(result));
  engine->push([&] { check_access(other); }, {&declared, 1}, {&result, 1},
               {.op = "Sum", .node = "sum0"});
  require_error_matches([&] { engine->wait(result); },
                        {"Sum(sum0)", "touches variable 'other'", "neither in the `reads`"});
  engine->push([&] { check_access(nameless); }, {}, {&result, 1});
  require_error_matches([&] { engine->wait(result); }, "a variable without a name");
  REQUIRE_NOTHROW(check_access(other));  // outside tasks
}

TEST_CASE("nodes of a compiled graph are checked too", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Checked checked(true);
  const Variable in = engine->variable("in"), other = engine->variable("other");
  bool is_honest = true;
  TaskGraphBuilder builder;
  const GraphVariable reads[] = {in};
  const GraphVariable own = builder.internal();
  builder.add(
      [&](const void*) {
        check_access(in);
        if (!is_honest) check_access(other);
      },
      reads, {&own, 1}, {.op = "Copy", .node = "c"});
  TaskGraph graph = builder.compile(engine);
  graph.run();
  REQUIRE_NOTHROW(graph.wait());
  is_honest = false;
  graph.run();
  require_error_matches([&] { graph.wait(); }, {"Copy(c)", "touches variable 'other'"});
}

TEST_CASE("the check can be switched off", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Checked checked(false);
  const Variable other = engine->variable("other"), result = engine->variable("result");
  engine->push([&] { check_access(other); }, {}, {&result, 1});
  REQUIRE_NOTHROW(engine->wait(result));
}

TEST_CASE("what a closure owns may be touched as it goes", "[engine]") {
  TREADLE_EACH_ENGINE(engine, testing::engine_cases());
  const Checked checked(true);
  const Variable other = engine->variable("other"), result = engine->variable("result");
  bool was_refused = false;
  struct Owner {
    Owner(const Variable& touched, bool& refused) : variable(touched), was_refused(refused) {}
    const Variable& variable;
    bool& was_refused;
    ~Owner() {
      try {
        check_access(variable);
      } catch (const Error&) {
        was_refused = true;
      }
    }
  };
  engine->push([owner = std::make_shared<Owner>(other, was_refused)] {}, {}, {&result, 1});
  engine->wait_all();
  CHECK_FALSE(was_refused);
}
