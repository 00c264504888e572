// Training by hand: bind, forward, backward, update.
#include <treadle/treadle.h>

#include "check.h"

using namespace treadle;

int main() {
  // y = 2 x1 - 3 x2 + 1, to be found by a layer of one neuron.
  std::vector<float> inputs, targets;
  for (int i = 0; i < 64; ++i) {
    const float x1 = float(i % 8) / 4 - 1, x2 = float(i / 8) / 4 - 1;
    inputs.insert(inputs.end(), {x1, x2});
    targets.push_back(2 * x1 - 3 * x2 + 1);
  }
  Symbol net = FullyConnected{.num_hidden = 1}(Symbol::variable("data"), "fc");
  net = LinearRegressionOutput{}(net, "out");

  const BindOptions only_weights = {
      .requests = {{"data", Request::null}, {"out_label", Request::null}}};
  Executor exec = net.simple_bind(cpu(), {{"data", {64, 2}}}, only_weights);
  exec.argument("data").copy_from(Array::from(inputs, {64, 2}));
  exec.argument("out_label").copy_from(Array::from(targets, {64}));

  Updater update(
      std::make_shared<SGD>(SGD::Options{.learning_rate = 0.2f, .rescale_grad = 1.0f / 64}));
  for (int step = 0; step < 300; ++step) {  // nothing here waits: steps queue up behind each other
    exec.forward(Mode::train);
    exec.backward();
    for (const char* name : {"fc_weight", "fc_bias"}) {
      update(name, exec.argument(name), exec.gradient(name));
    }
  }

  const std::vector<float> weight = exec.argument("fc_weight").to_vector<float>();
  const float bias = exec.argument("fc_bias").to_vector<float>()[0];
  const auto is_near = [](float found, float wanted) {
    return found > wanted - 0.01f && found < wanted + 0.01f;
  };
  CHECK(is_near(weight[0], 2));
  CHECK(is_near(weight[1], -3));
  CHECK(is_near(bias, 1));
}
