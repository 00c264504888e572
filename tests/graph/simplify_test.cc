#include "treadle/graph/simplify.h"

#include <algorithm>

#include "treadle/graph/gradient.h"
#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol var(const char* name) { return Symbol::variable(name); }
Symbol act(const Symbol& data, const char* name, const char* type = "relu",
           const Attributes& attributes = {}) {
  return make("test_act", {data}, {{"act_type", type}}, name, attributes);
}
Symbol add(const Symbol& a, const Symbol& b, const char* name) {
  return make("test_add", {a, b}, {}, name);
}

SimplifiedGraph simplified(const Symbol& net) {
  Graph graph = Graph::from(net);
  const int num_forward = int(graph.nodes.size());
  return simplify(std::move(graph), num_forward, {});
}

int count_ops(const Graph& graph, std::string_view name) {
  return int(std::ranges::count_if(
      graph.nodes, [&](const GraphNode& node) { return node.op && node.op->name == name; }));
}

}  // namespace

TEST_CASE("equal nodes on equal inputs become one, and so do their users", "[graph]") {
  const Symbol x = var("x");
  const Symbol one = act(act(x, "a1"), "a2"), two = act(act(x, "b1"), "b2");
  const SimplifiedGraph made = simplified(add(one, two, "sum"));
  CHECK(count_ops(made.graph, "test_act") == 2);
  const GraphNode& sum = made.graph.nodes[size_t(made.graph.outputs[0].node)];
  CHECK(sum.inputs[0] == sum.inputs[1]);
  CHECK(made.num_forward == 4);
  CHECK(made.origin_of == std::vector<int>{0, 1, 2, 5});
  CHECK(made.node_of == std::vector<int>{0, 1, 2, 1, 2, 3});
}

TEST_CASE("what differs, or is seen, stays", "[graph]") {
  const Symbol x = var("x");
  const auto left = [&](const Symbol& a, const Symbol& b) {
    return count_ops(simplified(add(a, b, "sum")).graph, "test_act");
  };
  CHECK(left(act(x, "a"), act(x, "b")) == 1);
  CHECK(left(act(x, "a"), act(x, "b", "tanh")) == 2);
  CHECK(left(act(x, "a"), act(var("y"), "b")) == 2);
  CHECK(left(act(x, "a"), act(x, "b", "relu", {{"__ctx_group__", "dev1"}})) == 2);
  const Symbol outputs[] = {act(x, "a"), act(x, "b")};
  const SimplifiedGraph made = simplified(Symbol::group(outputs));
  CHECK(made.graph.outputs[0] != made.graph.outputs[1]);
  CHECK(made.node_of.size() == made.origin_of.size());
  // Its states are updated twice.
  const Symbol norms[] = {make("test_norm", {x}, {}, "n1"), make("test_norm", {x}, {}, "n2")};
  CHECK(count_ops(simplified(add(norms[0], norms[1], "sum")).graph, "test_norm") == 2);
}

TEST_CASE("gradients that the caller wants keep a node each", "[graph]") {
  const Symbol x = var("x"), y = var("y");
  Graph forward = Graph::from(add(act(x, "a"), act(y, "b"), "sum"));
  const int num_forward = int(forward.nodes.size());
  const std::vector<int> wanted = forward.arguments();
  GradientGraph gradient = add_gradients(std::move(forward), wanted);
  const size_t count = gradient.graph.nodes.size();
  const SimplifiedGraph made = simplify(std::move(gradient.graph), num_forward, gradient.gradients);
  CHECK(made.graph.nodes.size() == count);
  CHECK(made.num_forward == num_forward);
}

}  // namespace treadle::testing
