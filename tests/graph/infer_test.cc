#include "treadle/graph/infer.h"

#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Shapes = std::vector<Shape>;
using Types = std::vector<DType>;

Symbol var(const char* name, const Attributes& attributes = {}) {
  return Symbol::variable(name, attributes);
}
Symbol dense(const Symbol& data, const char* name, const char* num_hidden) {
  return make("test_dense", {data}, {{"num_hidden", num_hidden}}, name);
}

}  // namespace

TEST_CASE("shapes follow forward from the data", "[graph]") {
  const Symbol net = dense(dense(var("data"), "fc1", "8"), "fc2", "4");
  const InferredShapes shapes = net.infer_shape({{"data", {32, 100}}});
  REQUIRE(shapes.is_complete);
  REQUIRE(shapes.arguments == Shapes{{32, 100}, {8, 100}, {8}, {4, 8}, {4}});
  REQUIRE(shapes.outputs == Shapes{{32, 4}});
  REQUIRE(shapes.auxiliaries.empty());
}

TEST_CASE("shapes follow backward from weights and outputs", "[graph]") {
  const Symbol net = dense(var("data"), "fc1", "8");
  // The weight says how long the rows are, the output's user how many there are.
  const Symbol sum = make("test_add", {net, var("other")}, {}, "sum");
  const InferredShapes shapes = sum.infer_shape({{"fc1_weight", {8, 100}}, {"other", {32, 8}}});
  REQUIRE(shapes.arguments[0] == Shape{32, 100});
  // Through several nodes, against the order of the graph.
  Symbol chain = var("x");
  for (int i = 0; i < 20; ++i) chain = make("test_act", {chain}, {{"act_type", "relu"}});
  const Symbol tail = make("test_add", {chain, var("y")}, {}, "tail");
  REQUIRE(tail.infer_shape({{"y", {3, 4}}}).arguments == Shapes{{3, 4}, {3, 4}});
}

TEST_CASE("0 is an unknown extent, completed from both sides", "[graph]") {
  const Symbol sum = make("test_add", {var("a"), var("b")}, {}, "sum");
  REQUIRE(sum.infer_shape({{"a", {0, 4}}, {"b", {3, 0}}}).outputs == Shapes{{3, 4}});
}

TEST_CASE("partial inference gives what is known", "[graph]") {
  const Symbol net = dense(var("data"), "fc1", "8");
  const InferredShapes shapes = net.infer_shape({{"data", {0, 100}}}, true);
  REQUIRE_FALSE(shapes.is_complete);
  REQUIRE(shapes.arguments == Shapes{{0, 100}, {8, 100}, {8}});
  REQUIRE(shapes.outputs == Shapes{{0, 8}});
  REQUIRE_FALSE(net.infer_shape({}, true).is_complete);
}

TEST_CASE("variables' attributes say shapes and types; the caller's word comes first", "[graph]") {
  const Symbol net = dense(var("data", {{"__shape__", "(2, 5)"}, {"__dtype__", "1"}}), "fc", "3");
  REQUIRE(net.infer_shape({}).outputs == Shapes{{2, 3}});
  REQUIRE(net.infer_shape({{"data", {7, 5}}}).outputs == Shapes{{7, 3}});
  REQUIRE(net.infer_type({}).outputs == Types{DType::f64});
  REQUIRE(net.infer_type({{"data", DType::f16}}).outputs == Types{DType::f16});
  const Symbol named =
      make("test_stop", {var("x", {{"__dtype__", "int32"}, {"__shape__", "(-1, 3)"}})});
  REQUIRE(named.infer_type({}).outputs == Types{DType::i32});
  REQUIRE(named.infer_shape({}, true).outputs == Shapes{{0, 3}});
  const auto refuse = [](const char* key, const char* value, std::string_view words) {
    const Symbol wrong = make("test_stop", {Symbol::variable("x", {{key, value}})});
    require_error_matches([&] { wrong.infer_shape({}, true), wrong.infer_type({}); },
                          {concat("variable 'x': its attribute ", key, ": "), words});
  };
  refuse("__shape__", "(2, x)", "'x' is not an integer.");
  refuse("__shape__", "(2, -3)", "'(2, -3)' has the extent -3");
  refuse("__dtype__", "99", "'99' is no type flag.");
  refuse("__dtype__", "float31", "'float31' is no element type");
}

TEST_CASE("states get shapes and types with the rest", "[graph]") {
  const Symbol net = make("test_norm", {var("data")}, {}, "bn");
  const InferredShapes shapes = net.infer_shape({{"data", {2, 3, 4}}});
  REQUIRE(shapes.arguments == Shapes{{2, 3, 4}, {3}});
  REQUIRE(shapes.auxiliaries == Shapes{{3}, {3}});
  REQUIRE(net.infer_type({{"bn_gamma", DType::f64}}).auxiliaries == Types{DType::f64, DType::f64});
}

TEST_CASE("a conflict names operator, node, both shapes and where each came from", "[graph]") {
  const Symbol net = dense(var("data"), "fc1", "8");
  REQUIRE(error_of([&] { net.infer_shape({{"data", {32, 100}}, {"fc1_weight", {128, 64}}}); }) ==
          "test_dense(fc1): weight has shape (128, 64) (fc1_weight, given by the caller), expected "
          "(8, 100): data is (32, 100) and num_hidden is 8.");
  const Symbol two = dense(net, "fc2", "4");
  REQUIRE(error_of([&] { two.infer_shape({{"data", {32, 100}}, {"fc2_weight", {4, 9}}}); }) ==
          "test_dense(fc2): weight has shape (4, 9) (fc2_weight, given by the caller), expected "
          "(4, 8): data is (32, 8) and num_hidden is 4.");
  const Symbol sum = make("test_add", {net, var("b", {{"__shape__", "(5, 5)"}})}, {}, "sum");
  const std::string words = error_of([&] { sum.infer_shape({{"data", {32, 100}}}); });
  CAPTURE(words);
  REQUIRE(words.find("test_add(sum): ") == 0);
  for (const char* part :
       {"(32, 8)", "(5, 5)", "from the variable's own attribute", "lhs", "rhs"}) {
    REQUIRE(words.find(part) != std::string::npos);
  }
  const Symbol acts = make("test_act", {net}, {{"act_type", "relu"}}, "act");
  const Symbol far = make("test_add", {acts, var("c")}, {}, "far");
  require_error_matches([&] { far.infer_shape({{"data", {32, 100}}, {"c", {1, 1}}}); },
                        {"test_add(far)", "given by the caller", "act_output"});
}

TEST_CASE("operators refuse shapes in their own words", "[graph]") {
  const Symbol parts = make("test_split", {var("x")}, {{"num_outputs", "2"}}, "sp");
  REQUIRE(error_of([&] { parts.infer_shape({{"x", {3, 4}}}); }) ==
          "test_split(sp): data (3, 4) cannot be cut into 2 parts.");
}

TEST_CASE("what is asked wrongly of inference is said", "[graph]") {
  const Symbol net = dense(var("data"), "fc1", "8");
  require_error_matches([&] { net.infer_shape({{"dat", {2, 3}}}); },
                        {"There is no argument 'dat' in the graph.", "Did you mean 'data'?",
                         "The arguments are data, fc1_bias, fc1_weight."});
  require_error_matches([&] { net.infer_type({{"fc_weight", DType::f32}}); },
                        "Did you mean 'fc1_weight'?");
  require_error_matches([&] { net.infer_shape({{"data", {2, -3}}}); },
                        {"variable 'data'", "(2, -3)", "extents are at least 0"});
  require_error_matches([&] { net.infer_shape({}); },
                        {"do not follow from those given: data, fc1_weight", "Give their shapes"});
  require_error_matches([&] { net.infer_shape({{"data", {0, 3}}}); }, "given: data (0, 3)");
  const Symbol twins = make("test_add", {var("x"), var("x")}, {}, "sum");
  require_error_matches([&] { twins.infer_shape({{"x", {2}}}); },
                        "Several variables are called 'x'");
}

TEST_CASE("types follow both ways, and a conflict is refused", "[graph]") {
  const Symbol net = dense(dense(var("data"), "fc1", "8"), "fc2", "4");
  const InferredTypes types = net.infer_type({{"fc2_bias", DType::f16}});
  REQUIRE(types.is_complete);
  REQUIRE(types.arguments == Types(5, DType::f16));
  REQUIRE_FALSE(net.infer_type({}).is_complete);
  REQUIRE(net.infer_type({}).outputs == Types{DType::unknown});
  require_error_matches([&] { net.infer_type({{"data", DType::f32}, {"fc2_weight", DType::f64}}); },
                        {"test_dense(fc", "float32", "float64", "given by the caller", "use Cast"});
}

TEST_CASE("one node alone is inferred for imperative calls", "[graph]") {
  register_test_operators();
  const OpRecord& op = OpRegistry::instance().get("test_norm");
  const Graph graph = single_node_graph(op, op.schema.parse({}, "test_norm"), "bn");
  const Shape shapes[] = {{2, 3}, {}, {}, {}};
  const DType types[] = {DType::f32, DType::unknown, DType::unknown, DType::unknown};
  const Annotations found = infer_node(graph, shapes, types);
  REQUIRE(found.shapes == Shapes{{2, 3}, {3}, {3}, {3}, {2, 3}, {3}});
  REQUIRE(found.types == Types(6, DType::f32));
  REQUIRE(graph.outputs.size() == 2);
  const Shape wrong[] = {{2, 3}, {4}, {}, {}};
  require_error_matches([&] { infer_node(graph, wrong, types); },
                        {"test_norm(bn): gamma has shape (4,)", "expected (3,)"});
}

}  // namespace treadle::testing
