// Attributes: notes on symbols, which composition hands on and other parts read.
#include <treadle/treadle.h>

#include "check.h"

using namespace treadle;

int main() {
  const Symbol data = Symbol::variable("data", {{"mood", "angry"}});
  CHECK(data.attr("mood") == "angry");

  // What the operator creates by itself receives its attributes, what it is given does not.
  const Symbol weight = Symbol::variable("crazy_weight", {{"size", "5"}});
  const Symbol inputs[] = {data};
  const Symbol conv = compose("Convolution", {{"kernel", "(1, 1)"}, {"num_filter", "1"}}, inputs,
                              {{"weight", weight}}, "conv", {{"mood", "so so"}});
  CHECK((conv.list_attr() == Attributes{{"mood", "so so"}}));
  const Attributes all = {{"data_mood", "angry"},
                          {"crazy_weight_size", "5"},
                          {"conv_mood", "so so"},
                          {"conv_bias_mood", "so so"}};
  CHECK(conv.list_attr(true) == all);

  // A scope gives its attributes to all that is composed within it, and to inner scopes.
  Symbol fc1, fc2;
  {
    const AttrScope group({{"group", "4"}, {"data", "great"}});
    fc1 = Activation{.act_type = ActType::relu}(data, "relu");
    const AttrScope init({{"init_bias", "0.0"}});
    fc2 = FullyConnected{.num_hidden = 10}(fc1, "fc2");
  }
  CHECK(fc1.attr("data") == "great");
  CHECK(fc2.attr("data") == "great");
  CHECK(fc2.attr("init_bias") == "0.0");
  CHECK(!fc1.attr("init_bias"));
  const Symbol fc3 = FullyConnected{.num_hidden = 10}(fc1, "fc3");
  CHECK(!fc3.attr("group"));
}
