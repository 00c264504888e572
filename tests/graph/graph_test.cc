#include "treadle/graph/graph.h"

#include "treadle/graph/infer.h"
#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol var(const char* name) { return Symbol::variable(name); }

}  // namespace

TEST_CASE("a graph has the nodes once, inputs before users, entries numbered", "[graph]") {
  const Symbol parts = make("test_split", {var("x")}, {}, "sp");
  const Symbol net = make("test_add", {parts[1], parts[0]}, {}, "sum");
  const Graph graph = Graph::from(net);
  REQUIRE(graph.nodes.size() == 3);
  REQUIRE(graph.num_entries == 4);
  REQUIRE(graph.nodes[2].inputs == std::vector<Entry>{{1, 1}, {1, 0}});
  REQUIRE(graph.entry_id({1, 1}) == 2);
  REQUIRE(graph.entry_name({1, 1}) == "sp_output1");
  REQUIRE(graph.describe(0) == "variable 'x'");
  REQUIRE(graph.describe(2) == "test_add(sum)");
  REQUIRE(graph.outputs == std::vector<Entry>{{2, 0}});
}

TEST_CASE("the dump is a node a line", "[graph]") {
  const Symbol parts = make("test_split", {var("x")}, {}, "sp");
  const Symbol net = make("test_add", {parts[1], parts[0]}, {}, "sum");
  REQUIRE(net.debug_str() ==
          "%0 = variable 'x'\n"
          "%1 = test_split(sp) of %0\n"
          "%2 = test_add(sum) of %1.1, %1.0\n"
          "outputs: sum_output\n");
  const Graph graph = Graph::from(net);
  const Annotations annotations{infer_shapes(graph, {{"x", {4, 3}}}, false),
                                infer_types(graph, {{"x", DType::f32}})};
  REQUIRE(dump(graph, &annotations) ==
          "%0 = variable 'x' : float32(4, 3)\n"
          "%1 = test_split(sp) of %0 : float32(2, 3), float32(2, 3)\n"
          "%2 = test_add(sum) of %1.1, %1.0 : float32(2, 3)\n"
          "outputs: sum_output\n");
}

TEST_CASE("states are told from arguments", "[graph]") {
  const Symbol net = make("test_norm", {var("data")}, {}, "bn");
  const Graph graph = Graph::from(net);
  REQUIRE(graph.arguments() == std::vector<int>{0, 1});
  REQUIRE(graph.auxiliaries() == std::vector<int>{2, 3});
  REQUIRE(graph.nodes[4].num_aux == 2);
  REQUIRE(graph.nodes[4].num_outputs == 2);

  const Symbol x = var("x"), shared = var("shared");
  const Symbol bad = make("test_norm", {x, shared, shared, var("v")}, {}, "bn");
  require_error_matches(
      [&] { Graph::from(bad); },
      {"variable 'shared' is an auxiliary state of one operator and an argument of "
       "test_norm(bn)",
       "use two variables"});
  // Two operators may update one state.
  const Symbol m = var("m"), v = var("v");
  const Symbol first = make("test_norm", {x, var("g1"), m, v}, {}, "bn1");
  REQUIRE(make("test_norm", {first, var("g2"), m, v}, {}, "bn2").list_auxiliary_states() ==
          std::vector<std::string>{"m", "v"});
}

}  // namespace treadle::testing
