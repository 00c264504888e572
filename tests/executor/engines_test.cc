// The same numbers from every engine, and with every memory plan.
#include "support.h"
#include "treadle/operators/random.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Everything that some training steps leave behind, bit by bit.
std::vector<std::vector<float>> train(const BindOptions& options, int steps) {
  seed_random(5);
  Executor exec = small_net().simple_bind(cpu(), small_net_shapes(), options);
  fill_randomly(exec, 11);
  exec.argument("softmax_label").copy_from(Array::from(std::vector<float>{0, 1, 2, 2, 1, 0}, {6}));
  for (const Array& state : exec.auxiliaries()) Array(state).fill(0.5);
  std::vector<std::vector<float>> results;
  for (int step = 0; step < steps; ++step) {
    exec.forward(Mode::train);
    exec.backward();
    // Weights follow their gradients, so that an error in one step shows in all later ones.
    for (size_t i = 0; i < exec.arguments().size(); ++i) {
      if (!exec.gradients()[i].is_valid()) continue;
      Array weight = exec.arguments()[i];
      std::vector<float> values = weight.to_vector<float>();
      const std::vector<float> gradient = exec.gradients()[i].to_vector<float>();
      for (size_t k = 0; k < values.size(); ++k) values[k] -= 0.01f * gradient[k];
      if (exec.program()->argument_names()[i] != "softmax_label")
        weight.copy_from_host(values.data(), weight.bytes());
    }
  }
  for (const Array& array : exec.outputs()) results.push_back(array.to_vector<float>());
  for (const Array& array : exec.arguments()) results.push_back(array.to_vector<float>());
  for (const Array& array : exec.gradients()) results.push_back(array.to_vector<float>());
  for (const Array& array : exec.auxiliaries()) results.push_back(array.to_vector<float>());
  return results;
}

}  // namespace

TEST_CASE("serial and threaded engine give the same bits", "[executor][engine]") {
  std::vector<std::vector<float>> serial, threaded;
  {
    const WithEngine engine(EngineKind::serial);
    serial = train({}, 4);
  }
  {
    const WithEngine engine(EngineKind::threaded);
    threaded = train({}, 4);
  }
  REQUIRE(serial.size() == threaded.size());
  for (size_t i = 0; i < serial.size(); ++i) {
    INFO("array " << i);
    CHECK(serial[i] == threaded[i]);
  }
  // It learned: the comparison is not one of zeros.
  CHECK(serial[0] != std::vector<float>(serial[0].size(), serial[0][0]));
}

TEST_CASE("reuse of memory does not change a bit", "[executor][memory]") {
  CHECK(train({}, 3) == train({.reuses_memory = false}, 3));
}

TEST_CASE("a run depends on the seed alone, and dropout's backward on its forward",
          "[executor][random]") {
  CHECK(train({}, 2) == train({}, 2));
  const Symbol net = Dropout{.p = 0.5f}(Symbol::variable("x"), "drop");
  Executor exec = net.simple_bind(cpu(), {{"x", {1000}}});
  const Array heads[] = {Array::full({1000}, 1)};
  std::vector<float> last;
  for (int run = 0; run < 3; ++run) {
    exec.forward(Mode::train, {{"x", Array::full({1000}, 1)}});
    exec.backward(heads);
    const auto kept = exec.outputs()[0].to_vector<float>();
    CHECK(exec.gradient("x").to_vector<float>() == kept);
    CHECK(kept != last);
    last = kept;
  }
}

TEST_CASE("inference after training uses the running statistics and drops nothing", "[executor]") {
  seed_random(1);
  Executor exec = small_net().simple_bind(cpu(), small_net_shapes());
  fill_randomly(exec, 3);
  exec.forward(Mode::infer);
  const auto first = exec.outputs()[0].to_vector<float>();
  exec.forward(Mode::infer);
  CHECK(exec.outputs()[0].to_vector<float>() == first);
  const auto mean = exec.auxiliary("bn1_moving_mean").to_vector<float>();
  // As in MXNet it is backward that updates the statistics.
  exec.forward(Mode::train);
  exec.backward();
  CHECK(exec.auxiliary("bn1_moving_mean").to_vector<float>() != mean);
}
