#include <treadle/treadle.h>

#include <iostream>

using namespace treadle;

int main() {
  Symbol net = Symbol::variable("data");
  net = FullyConnected{.num_hidden = 128}(net, "fc1");
  net = Activation{.act_type = ActType::relu}(net, "relu1");
  net = SoftmaxOutput{}(FullyConnected{.num_hidden = 10}(net, "fc2"), "softmax");

  Executor exec = net.simple_bind(cpu(), {{"data", {64, 784}}, {"softmax_label", {64}}});
  exec.forward(Mode::train);
  exec.backward();  // returns at once; kernels run as their inputs become ready
  // Waits for exactly what it needs, and prints 0.1.
  std::cout << exec.outputs()[0].to_vector<float>()[0] << '\n';
}
