// A network of two layers, composed of operators.
#include <treadle/treadle.h>

#include "check.h"

using namespace treadle;

int main() {
  Symbol net = Symbol::variable("data");
  net = FullyConnected{.num_hidden = 128}(net, "fc1");
  net = Activation{.act_type = ActType::relu}(net, "relu1");
  net = FullyConnected{.num_hidden = 64}(net, "fc2");
  net = SoftmaxOutput{}(net, "out");

  // Weights, biases and the label came by themselves, named after their operators.
  const std::vector<std::string> arguments = {"data",       "fc1_weight", "fc1_bias",
                                              "fc2_weight", "fc2_bias",   "out_label"};
  CHECK(net.list_arguments() == arguments);
  CHECK(net.list_outputs() == std::vector<std::string>{"out_output"});

  // From the shape of the data follow all others.
  const InferredShapes shapes = net.infer_shape({{"data", {32, 100}}});
  CHECK((shapes.arguments[1] == Shape{128, 100}));
  CHECK((shapes.outputs[0] == Shape{32, 64}));

  // An inner output can be had by its name.
  CHECK(net.internals()["relu1_output"].list_arguments().size() == 3);
}
