// The page that describes MXNet's symbolic API, statement by statement, in C++: the twin of
// examples/python/seed_walkthrough.py. An argument is where the symbol is saved, for instance
// s3://my-bucket/symbol-c.json.
#include <treadle/treadle.h>

#include <cstdio>
#include <filesystem>

#include "check.h"

using namespace treadle;

namespace {

void compose_symbols() {
  Symbol net = Symbol::variable("data");
  net = FullyConnected{.num_hidden = 128}({.data = net}, "fc1");
  net = Activation{.act_type = ActType::relu}({.data = net}, "relu1");
  net = FullyConnected{.num_hidden = 64}({.data = net}, "fc2");
  net = SoftmaxOutput{}({.data = net}, "out");
  CHECK(net.name() == "out");

  const Symbol a = Symbol::variable("a");
  const Symbol b = Symbol::variable("b");
  const Symbol c = a + b;
  CHECK((c.list_arguments() == std::vector<std::string>{"a", "b"}));
  for (const Symbol& other : {a - b, a / b, a * b}) CHECK(other.list_arguments().size() == 2);
}

void attach_attributes() {
  Symbol data = Symbol::variable("data", {{"mood", "angry"}});
  const Convolution convolution{.kernel = {1, 1}, .num_filter = 1};
  Symbol op = convolution({.data = data}, "conv", {{"mood", "so so"}});
  CHECK(data.attr("mood") == "angry");
  CHECK((op.list_attr() == Attributes{{"mood", "so so"}}));
  // Of the whole graph, each with the name of its symbol in front. What the convolution created by
  // itself has its attributes.
  CHECK((op.list_attr(true) == Attributes{{"data_mood", "angry"},
                                          {"conv_mood", "so so"},
                                          {"conv_weight_mood", "so so"},
                                          {"conv_bias_mood", "so so"}}));

  // A symbol that it was given does not.
  const Symbol weight = Symbol::variable("crazy_weight", {{"size", "5"}});
  data = Symbol::variable("data", {{"mood", "angry"}});
  op = convolution({.data = data, .weight = weight}, "conv", {{"mood", "so so"}});
  CHECK((op.list_attr(true) == Attributes{{"conv_mood", "so so"},
                                          {"conv_bias_mood", "so so"},
                                          {"crazy_weight_size", "5"},
                                          {"data_mood", "angry"}}));

  // A scope adds attributes to every symbol that is created within it.
  data = Symbol::variable("data");
  Symbol fc1, fc2;
  {
    const AttrScope outer({{"group", "4"}, {"data", "great"}});
    fc1 = Activation{.act_type = ActType::relu}(data);
    const AttrScope inner({{"init_bias", "0.0"}});
    fc2 = FullyConnected{.num_hidden = 10}(fc1, "fc2");
  }
  CHECK(fc1.attr("data") == "great");
  CHECK(fc2.attr("data") == "great");
  CHECK(fc2.attr("init_bias") == "0.0");
}

void save_and_load(const std::string& target) {
  const Symbol a = Symbol::variable("a");
  const Symbol b = Symbol::variable("b");
  const Symbol c = a + b;
  c.save(target);
  const Symbol c2 = Symbol::load(target);
  CHECK(c.to_json() == c2.to_json());
  CHECK(Symbol::from_json(c.to_json()).to_json() == c.to_json());
}

void run_two_outputs() {
  Symbol net = Symbol::variable("data");
  const Symbol fc1 = FullyConnected{.num_hidden = 128}({.data = net}, "fc1");
  net = Activation{.act_type = ActType::relu}({.data = fc1}, "relu1");
  net = FullyConnected{.num_hidden = 64}({.data = net}, "fc2");
  const Symbol out = SoftmaxOutput{}({.data = net}, "softmax");
  const Symbol members[] = {fc1, out};
  const Symbol group = Symbol::group(members);
  CHECK((group.list_outputs() == std::vector<std::string>{"fc1_output", "softmax_output"}));

  Executor executor = group.simple_bind(cpu(), {{"data", {2, 16}}});
  executor.forward(Mode::infer);
  CHECK((executor.outputs()[0].shape() == Shape{2, 128}));
  CHECK((executor.outputs()[1].shape() == Shape{2, 64}));
  CHECK(executor.output("softmax_output").to_vector<float>()[0] == 1.0f / 64);  // of weights of 0
}

}  // namespace

int main(int argc, char** argv) {
  const std::string file = "symbol-c.json";
  compose_symbols();
  attach_attributes();
  save_and_load(argc > 1 ? argv[1] : file);
  if (argc == 1) std::filesystem::remove(file);
  run_two_outputs();
  std::puts("every statement of the page holds");
}
