// A symbol in a file, and a model in two.
#include <treadle/treadle.h>

#include "check.h"

using namespace treadle;

int main() {
  const Symbol a = Symbol::variable("a"), b = Symbol::variable("b");
  const Symbol c = a + b;
  c.save("symbol-c.json");
  const Symbol c2 = Symbol::load("symbol-c.json");
  CHECK(c.to_json() == c2.to_json());

  // With its arrays: net-symbol.json and net-0001.params, which MXNet 1.9.1 loads too.
  Symbol net = FullyConnected{.num_hidden = 3}(Symbol::variable("data"), "fc");
  Model model(SoftmaxOutput{}(net, "softmax"));
  model.init_parameters({{"data", {8, 4}}, {"softmax_label", {8}}}, Xavier());
  model.save("net", 1);
  Model loaded = Model::load("net", 1);

  ArrayIterator data({{"data", Array::full({8, 4}, 0.5)}}, {}, {.batch_size = 8});
  CHECK(loaded.predict(data)[0].to_vector<float>() == model.predict(data)[0].to_vector<float>());
}
