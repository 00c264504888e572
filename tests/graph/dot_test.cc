#include "treadle/graph/dot.h"

#include "treadle/ops.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

Symbol net() {
  Symbol net = Convolution{.kernel = {3, 3}, .stride = {2, 2}, .num_filter = 8}(
      Symbol::variable("data"), "conv1");
  net = Pooling{.kernel = {2, 2}}(net, "pool \"1\"");
  return SoftmaxOutput{}(FullyConnected{.num_hidden = 10}(net, "fc"), "softmax");
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a symbol becomes a Graphviz graph", "[graph]") {
  const std::string text = to_dot(net(), {.title = "my net"});
  CHECK(text.starts_with("digraph \"my net\" {\n"));
  CHECK(text.ends_with("}\n"));
  CHECK(holds(text, "conv1\\nConvolution 8, 3\u00d73, stride 2\u00d72"));
  CHECK(holds(text, "pool \\\"1\\\"\\nPooling max, 2\u00d72"));
  CHECK(holds(text, "fc\\nFullyConnected 10"));
  CHECK(holds(text, "\"data\", shape=ellipse"));
  // Weights, biases and labels would only hide the structure.
  CHECK_FALSE(holds(text, "conv1_weight"));
  CHECK_FALSE(holds(text, "softmax_label"));
}

TEST_CASE("parameters and shapes are shown when asked for", "[graph]") {
  const std::string text =
      to_dot(net(), {.shapes = {{"data", {1, 3, 9, 9}}}, .hide_parameters = false});
  CHECK(holds(text, "conv1_weight"));
  CHECK(holds(text, "softmax_label"));
  CHECK(holds(text, "(1, 3, 9, 9)"));
  CHECK(holds(text, "(8, 3, 3, 3)"));
  CHECK(holds(text, "(1, 8, 4, 4)"));
}

TEST_CASE("variables that several nodes use, or that are data, stay", "[graph]") {
  const Symbol weight = Symbol::variable("w"), a = Symbol::variable("a"), b = Symbol::variable("b");
  const Symbol one = compose("FullyConnected", {{"num_hidden", "3"}, {"no_bias", "True"}},
                             std::vector<Symbol>{a, weight});
  const Symbol two = compose("FullyConnected", {{"num_hidden", "3"}, {"no_bias", "True"}},
                             std::vector<Symbol>{b, weight});
  const std::string text = to_dot(one + two);
  for (const char* name : {"\"a\"", "\"b\"", "\"w\""}) CHECK(holds(text, name));
}

TEST_CASE("a picture of nothing is refused", "[graph][errors]") {
  require_error_matches([] { to_dot(Symbol()); }, "empty");
}
