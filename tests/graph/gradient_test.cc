#include "treadle/graph/gradient.h"

#include <algorithm>

#include "treadle/graph/infer.h"
#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol var(const char* name) { return Symbol::variable(name); }
Symbol act(const Symbol& data, const char* name) {
  return make("test_act", {data}, {{"act_type", "relu"}}, name);
}

// The graph of gradients with respect to the variables named.
GradientGraph differentiate(const Symbol& net, const std::vector<std::string>& names) {
  Graph graph = Graph::from(net);
  std::vector<int> wanted;
  for (const std::string& name : names) {
    for (int n = 0; n < int(graph.nodes.size()); ++n) {
      if (graph.nodes[size_t(n)].is_variable() && graph.nodes[size_t(n)].source->name == name) {
        wanted.push_back(n);
      }
    }
  }
  REQUIRE(wanted.size() == names.size());
  return add_gradients(std::move(graph), wanted);
}

const GraphNode& node_of(const GradientGraph& made, Entry entry) {
  return made.graph.nodes[size_t(entry.node)];
}
std::string op_of(const GradientGraph& made, Entry entry) {
  const GraphNode& node = node_of(made, entry);
  return node.op ? node.op->name : "variable";
}
int count_ops(const GradientGraph& made, std::string_view name) {
  return int(std::ranges::count_if(
      made.graph.nodes, [&](const GraphNode& node) { return node.op && node.op->name == name; }));
}

}  // namespace

TEST_CASE("a kernel's gradient is one node that reads what it declared", "[graph]") {
  const Symbol net = make("test_dense", {var("x")}, {{"num_hidden", "2"}}, "fc");
  const GradientGraph made = differentiate(net, {"fc_weight", "fc_bias"});
  REQUIRE(made.num_forward_nodes == 4);
  REQUIRE(made.head_nodes.size() == 1);
  const Entry weight = made.gradients[0], bias = made.gradients[1];
  REQUIRE(op_of(made, weight) == "_backward_test_dense");
  REQUIRE(weight.output == 1);
  REQUIRE(bias == Entry{weight.node, 2});
  const GraphNode& backward = node_of(made, weight);
  REQUIRE(backward.forward == 3);
  REQUIRE(backward.inputs == std::vector<Entry>{{made.head_nodes[0], 0}, {0, 0}, {1, 0}});
  REQUIRE(made.graph.describe(weight.node) == "_backward_test_dense(fc)");
  REQUIRE(made.graph.describe(made.head_nodes[0]) == "head gradient of fc_output");
}

TEST_CASE("contributions of several paths are added once", "[graph]") {
  const Symbol x = var("x");
  const Symbol shared = act(x, "a");
  const Symbol net = make("test_join", {act(shared, "b"), act(shared, "c"), shared}, {}, "sum");
  const GradientGraph made = differentiate(net, {"x"});
  REQUIRE(count_ops(made, "add_n") == 1);
  REQUIRE(count_ops(made, "_backward_test_act") == 3);
  const auto sum = std::ranges::find_if(
      made.graph.nodes, [](const GraphNode& node) { return node.op && node.op->name == "add_n"; });
  REQUIRE(sum->inputs.size() == 3);
}

TEST_CASE("x + x gives the head gradient twice", "[graph]") {
  const Symbol x = var("x");
  const GradientGraph made = differentiate(make("test_add", {x, x}, {}, "sum"), {"x"});
  REQUIRE(op_of(made, made.gradients[0]) == "add_n");
  const Entry head{made.head_nodes[0], 0};
  REQUIRE(node_of(made, made.gradients[0]).inputs == std::vector<Entry>{head, head});
}

TEST_CASE("each gradient is computed for its own place", "[graph]") {
  // Both sides of an addition get the same entry, so each gets a copy of its own.
  const GradientGraph made =
      differentiate(make("test_add", {var("a"), var("b")}, {}, "sum"), {"a", "b"});
  REQUIRE(op_of(made, made.gradients[0]) == "_copy");
  REQUIRE(op_of(made, made.gradients[1]) == "_copy");
  REQUIRE_FALSE(made.gradients[0] == made.gradients[1]);
  // A variable that is an output: its gradient is the head gradient, copied.
  const GradientGraph self = differentiate(var("x"), {"x"});
  REQUIRE(op_of(self, self.gradients[0]) == "_copy");
  REQUIRE(node_of(self, self.gradients[0]).inputs[0] == Entry{self.head_nodes[0], 0});
  // A gradient that a later node reads as well.
  const Symbol x = var("x"), y = act(x, "y");
  const Symbol outputs[] = {y, make("test_add", {y, var("z")}, {}, "s")};
  const GradientGraph both = differentiate(Symbol::group(outputs), {"x", "z"});
  REQUIRE(op_of(both, both.gradients[1]) == "_copy");
  REQUIRE(op_of(both, both.gradients[0]) == "_backward_test_act");
}

TEST_CASE("variables that nothing depends on get zeros", "[graph]") {
  const Symbol x = var("x"), y = var("y");
  const Symbol net = make("test_add", {make("test_stop", {x}, {}, "stop"), y}, {}, "sum");
  const GradientGraph made = differentiate(net, {"x", "y"});
  REQUIRE(op_of(made, made.gradients[0]) == "zeros_like");
  REQUIRE(op_of(made, made.gradients[1]) == "_copy");
  // A state is updated, not differentiated.
  const Symbol norm = make("test_norm", {var("d")}, {}, "bn");
  const GradientGraph state = differentiate(norm, {"bn_mean", "d"});
  REQUIRE(op_of(state, state.gradients[0]) == "zeros_like");
  REQUIRE(op_of(state, state.gradients[1]) == "_backward_test_norm");
}

TEST_CASE("losses need no head gradient", "[graph]") {
  const Symbol loss = make("test_loss", {act(var("x"), "a")}, {}, "loss");
  const GradientGraph made = differentiate(loss, {"x"});
  REQUIRE(made.head_nodes == std::vector<int>{-1});
  const Symbol outputs[] = {loss, act(var("y"), "b")};
  const GradientGraph both = differentiate(Symbol::group(outputs), {"x", "y"});
  REQUIRE(both.head_nodes[0] == -1);
  REQUIRE(both.head_nodes[1] >= both.num_forward_nodes);
}

TEST_CASE("an output that is asked for twice adds both head gradients", "[graph]") {
  const Symbol y = act(var("x"), "y");
  const Symbol outputs[] = {y, y};
  const GradientGraph made = differentiate(Symbol::group(outputs), {"x"});
  REQUIRE(made.head_nodes[0] != made.head_nodes[1]);
  REQUIRE(count_ops(made, "add_n") == 1);
}

TEST_CASE("parts that nobody uses arrive as zeros", "[graph]") {
  const Symbol parts = make("test_split", {var("x")}, {{"num_outputs", "3"}}, "sp");
  const GradientGraph made = differentiate(act(parts[1], "a"), {"x"});
  const GraphNode& backward = node_of(made, made.gradients[0]);
  REQUIRE(backward.op->name == "_backward_test_split");
  REQUIRE(op_of(made, backward.inputs[0]) == "zeros_like");
  REQUIRE(op_of(made, backward.inputs[1]) == "_backward_test_act");
  REQUIRE(op_of(made, backward.inputs[2]) == "zeros_like");
}

TEST_CASE("states come last in backward nodes too", "[graph]") {
  const GradientGraph made = differentiate(make("test_norm", {var("d")}, {}, "bn"), {"d"});
  const GraphNode& backward = node_of(made, made.gradients[0]);
  REQUIRE(backward.num_aux == 2);
  REQUIRE(backward.num_outputs == 2);  // of data and gamma, not of states
  REQUIRE(backward.inputs.back() == Entry{3, 0});
  REQUIRE(backward.inputs[3] == Entry{4, 1});  // the hidden output
}

TEST_CASE("only what leads to a wanted variable is differentiated", "[graph]") {
  const Symbol opaque = make("test_opaque", {var("frozen")}, {}, "feature");
  const Symbol net = make("test_add", {opaque, act(var("x"), "a")}, {}, "sum");
  const GradientGraph made = differentiate(net, {"x"});
  REQUIRE(count_ops(made, "_backward_test_act") == 1);
  REQUIRE(differentiate(net, {}).graph.nodes.size() == Graph::from(net).nodes.size());
  require_error_matches([&] { differentiate(net, {"frozen"}); },
                        {"test_opaque(feature): the operator has no gradient",
                         "asked of variable 'frozen'", "'null'", "BlockGrad"});
}

TEST_CASE("gradients have the shapes and types of what they belong to", "[graph]") {
  const Symbol fc = make("test_dense", {var("x")}, {{"num_hidden", "2"}}, "fc");
  const Symbol net = make("test_loss", {make("test_norm", {fc}, {}, "bn")}, {}, "loss");
  GradientGraph made = differentiate(net, {"x", "fc_weight", "bn_gamma"});
  const Graph forward = Graph::from(net);
  Annotations all{infer_shapes(forward, {{"x", {4, 3}}}, false),
                  infer_types(forward, {{"x", DType::f64}})};
  annotate_appended(made.graph, made.num_forward_nodes, all);
  REQUIRE(all.shapes.size() == size_t(made.graph.num_entries));
  const auto shape_of = [&](Entry entry) { return all.shapes[size_t(made.graph.entry_id(entry))]; };
  REQUIRE(shape_of(made.gradients[0]) == Shape{4, 3});
  REQUIRE(shape_of(made.gradients[1]) == Shape{2, 3});
  REQUIRE(shape_of(made.gradients[2]) == Shape{2});
  for (DType type : all.types) REQUIRE(type == DType::f64);
}

}  // namespace treadle::testing
