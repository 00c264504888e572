#include <treadle/treadle.h>

#include <iostream>

using namespace treadle;

int main() {
  Symbol net = Symbol::variable("data");
  net = FullyConnected{.num_hidden = 128}(net, "fc1");
  net = Activation{.act_type = ActType::relu}(net, "relu1");
  net = FullyConnected{.num_hidden = 10}(net, "fc2");
  net = SoftmaxOutput{}(net, "softmax");

  Executor exec = net.simple_bind(cpu(), {{"data", {64, 784}}, {"softmax_label", {64}}});
  exec.forward(Mode::train);
  exec.backward();                   // returns at once; kernels run as their inputs become ready
  Array output = exec.outputs()[0];  // reading waits for exactly what it needs
  std::cout << output.shape() << ' ' << output.to_vector<float>()[0] << '\n';  // (64, 10) 0.1
}
