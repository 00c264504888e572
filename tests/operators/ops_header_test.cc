// The generated treadle/ops.h: structs that lower to compose().
#include "treadle/ops.h"

#include "treadle/tests/support/catch.h"

namespace treadle::testing {

using Names = std::vector<std::string>;

TEST_CASE("operators are structs that are called on symbols", "[operators][ops_header]") {
  Symbol net = Symbol::variable("data");
  net = FullyConnected{.num_hidden = 128}(net, "fc1");
  net = Activation{.act_type = ActType::relu}(net, "relu1");
  net = FullyConnected{.num_hidden = 10}(net, "fc2");
  net = SoftmaxOutput{}(net, "softmax");
  CHECK(net.list_arguments() ==
        Names{"data", "fc1_weight", "fc1_bias", "fc2_weight", "fc2_bias", "softmax_label"});
  CHECK(net.list_outputs() == Names{"softmax_output"});
}

TEST_CASE("inputs may be given by name", "[operators][ops_header]") {
  const Symbol x = Symbol::variable("x"), w = Symbol::variable("w");
  const Symbol net =
      Convolution{.kernel = {3, 3}, .num_filter = 8}({.data = x, .weight = w}, "conv");
  CHECK(net.list_arguments() == Names{"x", "w", "conv_bias"});
  CHECK(net.attr("kernel") == "(3, 3)");
  const Symbol sum = elemwise_add{}({.lhs = x, .rhs = w});
  CHECK(sum.list_arguments() == Names{"x", "w"});
}

TEST_CASE("any number of inputs is a list or a span", "[operators][ops_header]") {
  const Symbol x = Symbol::variable("x"), y = Symbol::variable("y");
  CHECK(Concat{.dim = 0}({x, y}, "c").attr("num_args") == "2");
  const std::vector<Symbol> many{x, y, x};
  CHECK(add_n{}(many).attr("num_args") == "3");
}

TEST_CASE("parameters at their default are left out of the node", "[operators][ops_header]") {
  const Symbol x = Symbol::variable("x");
  const Symbol net = Dropout{.p = 0.5f, .axes = {1}}(x, "drop");
  CHECK_FALSE(net.attr("p").has_value());
  CHECK(net.attr("axes") == "(1,)");
  CHECK(Dropout{.cudnn_off = std::nullopt}(x).attr("cudnn_off") == "None");
}

TEST_CASE("attributes go to the node", "[operators][ops_header]") {
  const Symbol net = Flatten{}(Symbol::variable("x"), "flat", {{"mood", "angry"}});
  CHECK(net.attr("mood") == "angry");
}

TEST_CASE("a parameter without a default is missed when the node is made",
          "[operators][ops_header]") {
  const Symbol x = Symbol::variable("x");
  require_error_matches([&] { FullyConnected{}(x, "fc"); },
                        "FullyConnected(fc): the parameter num_hidden (int) is missing");
  require_error_matches([&] { Activation{}(x, "act"); }, "Activation(act): the parameter act_type");
  require_error_matches([&] { FullyConnected{.num_hidden = 0}(x, "fc"); },
                        "FullyConnected(fc): num_hidden is 0; at least 1 is expected");
}

}  // namespace treadle::testing
