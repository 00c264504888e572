// What is planned is what is allocated.
#include "treadle/device/memory.h"
#include "support.h"

using namespace treadle;
using namespace treadle::testing;

TEST_CASE("an executor allocates what its plan says, to the byte", "[executor][memory]") {
  const Symbol nets[] = {small_net(), small_net().internals()["relu1_output"]};
  for (const Symbol& net : nets) {
    Executor exec = net.simple_bind(cpu(), {{"data", {6, 2, 10, 10}}});
    const MemoryPlan& plan = exec.program()->memory_plan();
    CHECK(exec.allocated_bytes() == size_t(plan.total_bytes));
    CHECK(plan.total_bytes >= plan.lower_bound_bytes);
    CHECK(plan.total_bytes < plan.unshared_bytes);
  }
}

TEST_CASE("binding takes the planned bytes from the device and nothing else",
          "[executor][memory]") {
  const Symbol net = Activation{.act_type = ActType::tanh}(
      FullyConnected{.num_hidden = 300}(Symbol::variable("data"), "fc"), "tanh");
  Bindings b;
  b.arguments = {{"data", Array::zeros({50, 200})},
                 {"fc_weight", Array::zeros({300, 200})},
                 {"fc_bias", Array::zeros({300})}};
  b.gradients = {{"data", Array::zeros({50, 200})},
                 {"fc_weight", Array::zeros({300, 200})},
                 {"fc_bias", Array::zeros({300})}};
  const MemoryStatistics before = memory_pool(cpu()).statistics();
  Executor exec = Executor::bind(net, cpu(), b);
  const MemoryStatistics bound = memory_pool(cpu()).statistics();
  CHECK(bound.live_bytes - before.live_bytes == size_t(exec.program()->memory_plan().total_bytes));
  const Array heads[] = {Array::zeros({50, 300})};
  const MemoryStatistics with_head = memory_pool(cpu()).statistics();
  for (int run = 0; run < 3; ++run) {
    exec.forward(Mode::train);
    exec.backward(heads);
    exec.gradient("data").wait();
    exec.gradient("fc_weight").wait();
    exec.gradient("fc_bias").wait();
  }
  CHECK(memory_pool(cpu()).statistics().live_bytes == with_head.live_bytes);
}

TEST_CASE("inference plans less memory than training", "[executor][memory]") {
  const Executor training = small_net().simple_bind(cpu(), small_net_shapes());
  const Executor inference =
      small_net().simple_bind(cpu(), small_net_shapes(), {.default_request = Request::null});
  CHECK(inference.allocated_bytes() < training.allocated_bytes());
  CHECK_FALSE(inference.program()->has_gradients());
}

TEST_CASE("outputs stay what they are while backward runs", "[executor][memory]") {
  Executor exec = small_net().simple_bind(cpu(), small_net_shapes());
  fill_randomly(exec, 21);
  exec.forward(Mode::train);
  const auto before = exec.outputs()[0].to_vector<float>();
  exec.backward();
  for (const Array& gradient : exec.gradients()) gradient.wait();
  CHECK(exec.outputs()[0].to_vector<float>() == before);
}

TEST_CASE("a second backward gives the same numbers or a sentence", "[executor][memory][errors]") {
  const Symbol a = Symbol::variable("a");
  Executor exec = (a * a * 2.0).simple_bind(cpu(), {{"a", {3}}});
  exec.argument("a").fill(3);
  const Array heads[] = {Array::full({3}, 1)};
  exec.forward(Mode::train);
  exec.backward(heads);
  const auto once = exec.gradient("a").to_vector<float>();
  CHECK(once == std::vector<float>(3, 12));
  if (exec.program()->can_repeat_backward()) {
    exec.backward(heads);
    CHECK(exec.gradient("a").to_vector<float>() == once);
  }

  Executor net = small_net().simple_bind(cpu(), small_net_shapes());
  fill_randomly(net, 3);
  net.forward(Mode::train);
  net.backward();
  REQUIRE_FALSE(net.program()->can_repeat_backward());
  require_error_matches([&] { net.backward(); },
                        {"backward is called twice after one forward", "Run forward again"});

  Executor roomy = small_net().simple_bind(cpu(), small_net_shapes(), {.reuses_memory = false});
  fill_randomly(roomy, 3);
  roomy.forward(Mode::train);
  roomy.backward();
  const auto first = roomy.gradient("conv1_weight").to_vector<float>();
  roomy.backward();
  CHECK(roomy.gradient("conv1_weight").to_vector<float>() == first);
}

TEST_CASE("an array that comes in twice is not overwritten where one use forbids it",
          "[executor][memory]") {
  // FullyConnected reads data and weight as a whole; here both are one buffer that ends there.
  const Symbol a = Symbol::variable("a") * 2.0;
  const Symbol net =
      apply("FullyConnected", {a, a}, "fc", {{"num_hidden", "3"}, {"no_bias", "True"}});
  Executor exec = net.simple_bind(cpu(), {{"a", {3, 3}}}, {.default_request = Request::null});
  exec.forward(Mode::infer, {{"a", Array::full({3, 3}, 1)}});
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(9, 12));
}

TEST_CASE("when memory is out, bind says so and the next one works", "[executor][memory][errors]") {
  const ArrayMap arguments = {{"a", Array::full({64}, 2)}};
  const Symbol net = Symbol::variable("a") * 2.0;
  memory_pool(cpu()).fail_after(1);
  require_error_matches<OutOfMemory>([&] { Executor::bind(net, cpu(), {.arguments = arguments}); },
                                     {"256"});
  memory_pool(cpu()).fail_never();
  Executor exec = Executor::bind(net, cpu(), {.arguments = arguments});
  exec.forward(Mode::infer);
  CHECK(exec.outputs()[0].to_vector<float>() == std::vector<float>(64, 4));
}
