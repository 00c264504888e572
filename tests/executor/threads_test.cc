// Many threads, one program; one executor, one thread.
#include <atomic>
#include <future>
#include <thread>

#include "support.h"
#include "test_ops.h"

using namespace treadle;
using namespace treadle::testing;

TEST_CASE("threads run executors of their own on shared weights", "[executor][threads]") {
  const Symbol net = small_net();
  Executor model = net.simple_bind(cpu(), small_net_shapes(), {.default_request = Request::null});
  fill_randomly(model, 40);
  constexpr int num_threads = 4, num_inputs = 6;
  std::vector<Array> inputs;
  std::vector<std::vector<float>> expected;
  for (int i = 0; i < num_inputs; ++i) {
    inputs.push_back(random_array({6, 2, 10, 10}, 900 + uint64_t(i)));
    model.forward(Mode::infer, {{"data", inputs.back()}});
    expected.push_back(model.outputs()[0].to_vector<float>());
  }
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < num_threads; ++t) {
    threads.emplace_back([&, t] {
      Bindings b;
      const auto& names = model.program()->argument_names();
      for (size_t i = 0; i < names.size(); ++i) b.arguments[names[i]] = model.arguments()[i];
      b.arguments["data"] = Array::zeros({6, 2, 10, 10});
      b.arguments["softmax_label"] = Array::zeros({6});
      for (size_t i = 0; i < model.auxiliaries().size(); ++i) {
        b.auxiliaries[model.program()->auxiliary_names()[i]] = model.auxiliaries()[i].copy();
      }
      Executor exec = Executor::bind(net, cpu(), b);
      for (int run = 0; run < 20; ++run) {
        const size_t i = size_t((run + t) % num_inputs);
        exec.forward(Mode::infer, {{"data", inputs[i]}});
        if (exec.outputs()[0].to_vector<float>() != expected[i]) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("two threads on one executor get a sentence", "[executor][threads][errors]") {
  const WithEngine engine(EngineKind::serial);  // forward runs its kernels before it returns
  Executor exec = apply("_test_call", {Symbol::variable("a")}).simple_bind(cpu(), {{"a", {2}}});
  std::promise<void> entered, leave;
  test_call() = [&](float) {
    entered.set_value();
    leave.get_future().wait();
  };
  std::thread first([&] { exec.forward(Mode::infer); });
  entered.get_future().wait();
  require_error_matches([&] { exec.forward(Mode::infer); },
                        {"Two threads use one executor at the same time", "bind the symbol again"});
  require_error_matches([&] { exec.forward(Mode::infer, {{"a", Array::full({2}, 9)}}); },
                        {"Two threads use one executor"});
  leave.set_value();
  first.join();
  test_call() = nullptr;
  // The refused calls changed nothing, and the executor is free again.
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(2, 0));
  exec.forward(Mode::infer, {{"a", Array::full({2}, 4)}});
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(2, 4));
}

TEST_CASE("forward returns before its kernels have run", "[executor][threads]") {
  const WithEngine engine(EngineKind::threaded);
  Executor exec = apply("_test_call", {Symbol::variable("a")}).simple_bind(cpu(), {{"a", {2}}});
  std::promise<void> go;
  std::shared_future<void> gate(go.get_future());
  test_call() = [gate](float) { gate.wait(); };
  exec.forward(Mode::infer, {{"a", Array::full({2}, 6)}});
  go.set_value();  // would never be reached, had forward waited
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(2, 6));
  test_call() = nullptr;
}

TEST_CASE("queued work outlives the executor", "[executor][threads]") {
  Array result;
  {
    Executor exec = (Symbol::variable("a") * 3.0).simple_bind(cpu(), {{"a", {1000}}});
    exec.argument("a").fill(2);
    exec.forward(Mode::infer);
    result = exec.outputs()[0];
  }
  CHECK(result.to_vector<float>() == std::vector<float>(1000, 6));
}
