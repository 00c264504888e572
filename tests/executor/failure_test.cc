// A kernel that fails: who hears of it, and what works afterwards.
#include <stdexcept>

#include "support.h"
#include "test_ops.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Fails on data that begins with a negative number.
class FailOnNegative {
 public:
  FailOnNegative() {
    test_call() = [](float first) {
      if (first < 0) throw Error("the first number is ", first, ", which this test forbids.");
    };
  }
  ~FailOnNegative() { test_call() = nullptr; }
};

Symbol net_with_failure() {
  Symbol net = apply("_test_call", {Symbol::variable("a") * 2.0}, "trouble");
  return net * net + 1.0;
}

}  // namespace

TEST_CASE("an error of a kernel reaches who reads, with operator and node", "[executor][errors]") {
  const FailOnNegative rule;
  for (const EngineKind kind : {EngineKind::serial, EngineKind::threaded}) {
    const WithEngine engine(kind);
    Executor exec = net_with_failure().simple_bind(cpu(), {{"a", {4}}});
    exec.forward(Mode::train, {{"a", Array::full({4}, -1)}});
    const auto read = [&] { return exec.outputs()[0].to_vector<float>(); };
    require_error_matches([&] { read(); }, {"_test_call(trouble)", "the first number is -2"});
    // Asked again, it says so again: nothing was lost by the first wait.
    require_error_matches([&] { read(); }, {"_test_call(trouble)"});
    // What the failed node did not touch is fine.
    CHECK(exec.argument("a").to_vector<float>() == std::vector<float>(4, -1));

    // The executor is as good as new.
    exec.forward(Mode::train, {{"a", Array::full({4}, 1)}});
    CHECK(read() == std::vector<float>(4, 5));
    const Array heads[] = {Array::full({4}, 1)};
    exec.backward(heads);
    CHECK(exec.gradient("a").to_vector<float>() == std::vector<float>(4, 8));
  }
}

TEST_CASE("an error in backward reaches the gradients, not the outputs", "[executor][errors]") {
  const FailOnNegative rule;
  Executor exec = (apply("_test_call", {Symbol::variable("a")}, "trouble") * 1.0)
                      .simple_bind(cpu(), {{"a", {2}}});
  exec.forward(Mode::train, {{"a", Array::full({2}, 3)}});
  const Array bad[] = {Array::full({2}, -1)}, good[] = {Array::full({2}, 1)};
  exec.backward(bad);
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(2, 3));
  require_error_matches([&] { exec.gradient("a").to_vector<float>(); },
                        {"_backward__test_call(trouble)"});
  exec.forward(Mode::train);
  exec.backward(good);
  CHECK(exec.gradient("a").to_vector<float>() == std::vector<float>(2, 1));
}

TEST_CASE("an input that carries an error passes it on to the outputs", "[executor][errors]") {
  const FailOnNegative rule;
  const Array inputs[] = {Array::full({2}, -5)};
  const Array broken = invoke("_test_call", {}, inputs)[0];
  Executor exec = (Symbol::variable("a") + 1.0).simple_bind(cpu(), {{"a", {2}}});
  exec.forward(Mode::infer, {{"a", broken}});
  require_error_matches([&] { exec.outputs()[0].to_vector<float>(); }, {"_test_call", "-5"});
  exec.forward(Mode::infer, {{"a", Array::full({2}, 1)}});
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>{2, 2});
}

TEST_CASE("an exception of another library is told as an error of the node", "[executor][errors]") {
  test_call() = [](float) { throw std::out_of_range("somebody else's words"); };
  Executor exec =
      apply("_test_call", {Symbol::variable("a")}, "node7").simple_bind(cpu(), {{"a", {2}}});
  exec.forward(Mode::infer);
  require_error_matches([&] { exec.outputs()[0].to_vector<float>(); },
                        {"_test_call(node7)", "somebody else's words"});
  test_call() = nullptr;
}

TEST_CASE("a gradient through an operator without one is refused when it is bound",
          "[executor][errors]") {
  const Symbol net = apply("_test_count", {Symbol::variable("a")}, "counter") * 2.0;
  require_error_matches([&] { net.simple_bind(cpu(), {{"a", {2}}}); },
                        {"_test_count(counter)", "has no gradient", "variable 'a'", "BlockGrad"});
  Executor exec = net.simple_bind(cpu(), {{"a", {2}}}, {.default_request = Request::null});
  for (int run = 1; run <= 3; ++run) {
    exec.forward(Mode::infer);
    CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(2, 2.0f * float(run)));
  }
  CHECK(exec.auxiliary("counter_state").to_vector<float>() == std::vector<float>(2, 3));
}
