// A group: several outputs of one graph, computed together.
#include <treadle/treadle.h>

#include "check.h"

using namespace treadle;

int main() {
  Symbol net = Symbol::variable("data");
  const Symbol fc1 = FullyConnected{.num_hidden = 128}(net, "fc1");
  net = Activation{.act_type = ActType::relu}(fc1, "relu1");
  net = FullyConnected{.num_hidden = 64}(net, "fc2");
  const Symbol members[] = {fc1, SoftmaxOutput{}(net, "softmax")};
  const Symbol group = Symbol::group(members);
  CHECK((group.list_outputs() == std::vector<std::string>{"fc1_output", "softmax_output"}));

  Executor exec = group.simple_bind(cpu(), {{"data", {2, 10}}}, {.default_request = Request::null});
  exec.forward(Mode::infer);
  CHECK(exec.outputs().size() == 2);
  CHECK((exec.output("fc1_output").shape() == Shape{2, 128}));
  CHECK((exec.output("softmax_output").shape() == Shape{2, 64}));
}
