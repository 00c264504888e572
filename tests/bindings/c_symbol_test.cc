#include <string>
#include <thread>

#include "treadle/graph/symbol.h"
#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

using Names = std::vector<std::string>;
using ListNames = TreadleStatus (*)(TreadleSymbol*, const char* const**, size_t*);

Names list(ListNames function, TreadleSymbol* symbol) {
  const char* const* names = nullptr;
  size_t count = 0;
  ok(function(symbol, &names, &count));
  return Names(names, names + count);
}
std::string name_of(TreadleSymbol* symbol) {
  const char* name = nullptr;
  ok(treadle_symbol_name(symbol, &name));
  return name;
}
std::string json_of(TreadleSymbol* symbol) {
  const char* json = nullptr;
  ok(treadle_symbol_to_json(symbol, &json));
  return json;
}

SymbolHandle dense_and_norm() {
  const SymbolHandle data = variable("data");
  const SymbolHandle dense = node("FullyConnected", {{"num_hidden", "4"}}, {data}, "fc");
  return node("BatchNorm", {}, {dense}, "bn");
}

TEST_CASE("a composed symbol has the names that C++ gives it", "[bindings][c]") {
  const SymbolHandle net = dense_and_norm();
  REQUIRE(list(treadle_symbol_list_arguments, net) ==
          Names{"data", "fc_weight", "fc_bias", "bn_gamma", "bn_beta"});
  REQUIRE(list(treadle_symbol_list_auxiliaries, net) == Names{"bn_moving_mean", "bn_moving_var"});
  REQUIRE(list(treadle_symbol_list_outputs, net) == Names{"bn_output"});
  REQUIRE(list(treadle_symbol_list_inputs, net).size() == 7);
  REQUIRE(name_of(net) == "bn");
  size_t count = 0;
  ok(treadle_symbol_num_outputs(net, &count));
  REQUIRE(count == 1);
}

TEST_CASE("inputs are given by position and by name", "[bindings][c]") {
  const SymbolHandle x = variable("x"), w = variable("w"), b = variable("b");
  const TreadlePair params[] = {{"num_hidden", "4"}};
  TreadleSymbol* inputs[] = {x, b, w};
  const char* names[] = {nullptr, "bias", "weight"};
  SymbolHandle made;
  ok(treadle_symbol_compose("FullyConnected", params, 1, inputs, names, 3, "fc", made.out()));
  REQUIRE(list(treadle_symbol_list_arguments, made) == Names{"x", "w", "b"});

  TreadleSymbol* out = nullptr;
  const auto compose = [&](std::vector<const char*> given) {
    return treadle_symbol_compose("FullyConnected", params, 1, inputs, given.data(), 3, "fc", &out);
  };
  refuses(compose({"data", nullptr, nullptr}),
          "input 1 is given by position behind one with a name");
  refuses(compose({nullptr, "weight", "weight"}), "the input 'weight' is given twice");
  refuses(compose({nullptr, "weigth", "bias"}), "Did you mean 'weight'?");
  REQUIRE(out == nullptr);
}

TEST_CASE("scopes give names and attributes until they end", "[bindings][c]") {
  const SymbolHandle x = variable("x");
  const TreadlePair outer[] = {{"ctx_group", "dev1"}, {"mark", "outer"}};
  const TreadlePair inner[] = {{"mark", "inner"}};
  ok(treadle_name_scope_begin(nullptr));
  ok(treadle_attribute_scope_begin(outer, 2));
  ok(treadle_attribute_scope_begin(inner, 1));
  const SymbolHandle first = node("exp", {}, {x});
  ok(treadle_attribute_scope_end());
  const SymbolHandle second = node("exp", {}, {x});
  ok(treadle_attribute_scope_end());
  ok(treadle_name_scope_begin("net_"));
  const SymbolHandle third = node("exp", {}, {x}, "e");
  ok(treadle_name_scope_end());
  ok(treadle_name_scope_end());
  REQUIRE(name_of(first) == "exp0");
  REQUIRE(name_of(second) == "exp1");
  REQUIRE(name_of(third) == "net_e");
  const char* value = nullptr;
  ok(treadle_symbol_attribute(first, "mark", &value));
  REQUIRE(value == std::string("inner"));
  ok(treadle_symbol_attribute(second, "mark", &value));
  REQUIRE(value == std::string("outer"));
  ok(treadle_symbol_attribute(third, "mark", &value));
  REQUIRE(value == nullptr);
  refuses(treadle_name_scope_end(), "treadle_name_scope_end: this thread has begun no scope");
  refuses(treadle_attribute_scope_end(), "this thread has begun no scope");
  const TreadlePair twice[] = {{"a", "1"}, {"a", "2"}}, empty[] = {{"a", nullptr}};
  refuses(treadle_attribute_scope_begin(twice, 2), "attributes has 'a' twice");
  refuses(treadle_attribute_scope_begin(empty, 1), "the value of 'a' is NULL");
}

TEST_CASE("a thread may end inside of scopes", "[bindings][c]") {
  const SymbolHandle x = variable("x");
  std::string given;
  std::thread([&] {
    const TreadlePair attributes[] = {{"mark", "outer"}};
    for (const char* prefix : {"a_", "b_"}) {
      treadle_attribute_scope_begin(attributes, 1);
      treadle_name_scope_begin(prefix);
    }
    TreadleSymbol *made = nullptr, *inputs[] = {x};
    const char* name = "";
    treadle_symbol_compose("exp", nullptr, 0, inputs, nullptr, 1, "e", &made);
    treadle_symbol_name(made, &name);
    given = name;
    treadle_symbol_free(made);
  }).join();
  REQUIRE(given == "b_e");
  REQUIRE(name_of(node("exp", {}, {x}, "e")) == "e");
}

TEST_CASE("attributes are set, read and listed", "[bindings][c]") {
  const SymbolHandle net = dense_and_norm();
  ok(treadle_symbol_set_attribute(net, "lr_mult", "2"));
  const TreadlePair* pairs = nullptr;
  size_t count = 0;
  ok(treadle_symbol_list_attributes(net, &pairs, &count));
  REQUIRE(count == 1);
  REQUIRE((pairs[0].key == std::string("lr_mult") && pairs[0].value == std::string("2")));
  const TreadleNodeAttribute* all = nullptr;
  ok(treadle_symbol_all_attributes(net, &all, &count));
  bool has_parameter = false;
  for (size_t i = 0; i < count; ++i) {
    has_parameter |= all[i].node == std::string("fc") && all[i].key == std::string("num_hidden") &&
                     all[i].value == std::string("4");
  }
  REQUIRE(has_parameter);
}

TEST_CASE("attributes of a variable tell its shape and type", "[bindings][c]") {
  const TreadlePair attributes[] = {{"__shape__", "(5, 2)"}, {"__dtype__", "1"}};
  ok(treadle_attribute_scope_begin(attributes, 2));
  const SymbolHandle x = variable("x");
  ok(treadle_attribute_scope_end());
  const SymbolHandle y = node("exp", {}, {x});
  TreadleInferredShapes shapes = {};
  ok(treadle_symbol_infer_shapes(y, nullptr, 0, 0, &shapes, nullptr));
  REQUIRE((shapes.outputs[0].ndim == 2 && shapes.outputs[0].dims[0] == 5));
  TreadleInferredTypes types = {};
  ok(treadle_symbol_infer_types(y, nullptr, 0, &types, nullptr));
  REQUIRE(types.outputs[0] == TREADLE_FLOAT64);
}

TEST_CASE("groups, outputs, internals, children, copies and replacements", "[bindings][c]") {
  const SymbolHandle net = dense_and_norm(), x = variable("x");
  SymbolHandle group, part, internals, inner, children, none, copy, replaced;
  TreadleSymbol* members[] = {net, x};
  ok(treadle_symbol_group(members, 2, group.out()));
  REQUIRE(list(treadle_symbol_list_outputs, group) == Names{"bn_output", "x"});
  ok(treadle_symbol_output(group, 1, part.out()));
  REQUIRE(name_of(part) == "x");
  ok(treadle_symbol_internals(net, internals.out()));
  ok(treadle_symbol_output_named(internals, "fc_output", inner.out()));
  REQUIRE(name_of(inner) == "fc");
  ok(treadle_symbol_children(net, children.out()));
  REQUIRE(list(treadle_symbol_list_outputs, children)[0] == "fc_output");
  ok(treadle_symbol_children(x, none.out()));
  REQUIRE(static_cast<TreadleSymbol*>(none) == nullptr);
  ok(treadle_symbol_copy(net, copy.out()));
  ok(treadle_symbol_set_attribute(copy, "only", "here"));
  const char* value = "?";
  ok(treadle_symbol_attribute(net, "only", &value));
  REQUIRE(value == nullptr);
  const TreadleNamedSymbol replacements[] = {{"data", x}};
  ok(treadle_symbol_substitute(net, replacements, 1, replaced.out()));
  REQUIRE(list(treadle_symbol_list_arguments, replaced)[0] == "x");

  TreadleSymbol* out = nullptr;
  refuses(treadle_symbol_output(net, 1, &out), "output 1 is asked of a symbol with 1");
  refuses(treadle_symbol_output_named(internals, "fc_outptu", &out), "fc_output");
  refuses(treadle_symbol_output_named(internals, nullptr, &out), "name is NULL");
  refuses(treadle_symbol_group(nullptr, 0, &out), "");
  refuses(treadle_symbol_group(nullptr, 2, &out), "a member is NULL, but 2 are announced");
}

TEST_CASE("shapes and types are inferred, partly too", "[bindings][c]") {
  const SymbolHandle net = dense_and_norm();
  const int64_t dims[] = {8, 3};
  const TreadleNamedShape known[] = {{"data", {dims, 2}}};
  TreadleInferredShapes shapes = {};
  int32_t is_complete = -1;
  ok(treadle_symbol_infer_shapes(net, known, 1, 0, &shapes, &is_complete));
  REQUIRE(is_complete == 1);
  REQUIRE((shapes.num_arguments == 5 && shapes.num_outputs == 1 && shapes.num_auxiliaries == 2));
  REQUIRE((shapes.arguments[1].ndim == 2 && shapes.arguments[1].dims[1] == 3));
  REQUIRE((shapes.outputs[0].dims[0] == 8 && shapes.outputs[0].dims[1] == 4));
  REQUIRE(shapes.auxiliaries[1].dims[0] == 4);
  ok(treadle_symbol_infer_shapes(net, nullptr, 0, 1, &shapes, &is_complete));
  REQUIRE(is_complete == 0);
  REQUIRE(shapes.arguments[0].ndim == 0);
  refuses(treadle_symbol_infer_shapes(net, nullptr, 0, 0, &shapes, nullptr), "data");

  const TreadleNamedType type[] = {{"data", TREADLE_FLOAT64}};
  TreadleInferredTypes types = {};
  ok(treadle_symbol_infer_types(net, type, 1, &types, &is_complete));
  REQUIRE(is_complete == 1);
  REQUIRE((types.num_arguments == 5 && types.arguments[2] == TREADLE_FLOAT64));
  REQUIRE(types.outputs[0] == TREADLE_FLOAT64);

  const TreadleNamedShape unknown[] = {{"dta", {dims, 2}}}, nameless[] = {{nullptr, {dims, 2}}};
  const TreadleNamedShape twice[] = {{"data", {dims, 2}}, {"data", {dims, 2}}};
  refuses(treadle_symbol_infer_shapes(net, unknown, 1, 1, &shapes, nullptr), "dta");
  refuses(treadle_symbol_infer_shapes(net, nameless, 1, 1, &shapes, nullptr), "a name is NULL");
  refuses(treadle_symbol_infer_shapes(net, twice, 2, 1, &shapes, nullptr), "has 'data' twice");
  refuses(treadle_symbol_infer_shapes(net, known, 1, 1, nullptr, nullptr), "inferred is NULL");
}

TEST_CASE("symbols go through JSON and files as C++ writes them", "[bindings][c]") {
  const SymbolHandle net = dense_and_norm();
  const std::string json = json_of(net), path = TREADLE_TEST_SCRATCH "/c_net-symbol.json";
  REQUIRE(json == Symbol::from_json(json).to_json());
  SymbolHandle parsed, loaded;
  ok(treadle_symbol_from_json(json.c_str(), parsed.out()));
  REQUIRE(json_of(parsed) == json);
  ok(treadle_symbol_save(net, path.c_str()));
  ok(treadle_symbol_load(path.c_str(), loaded.out()));
  REQUIRE(json_of(loaded) == json);
  const char* text = nullptr;
  ok(treadle_symbol_debug_text(net, &text));
  REQUIRE(std::string(text).find("FullyConnected") != std::string::npos);

  TreadleSymbol* out = nullptr;
  refuses(treadle_symbol_from_json("{\"nodes\": [", &out), "");
  refuses(treadle_symbol_from_json(nullptr, &out), "json is NULL");
  refuses(treadle_symbol_load("no/such/file", &out), "no/such/file");
  refuses(treadle_symbol_save(net, "no/such/folder/file"), "no/such/folder/file");
}

TEST_CASE("what cannot be composed is refused", "[bindings][c]") {
  const SymbolHandle x = variable("x");
  TreadleSymbol *out = nullptr, *inputs[] = {x};
  const auto compose = [&](const char* op, const std::vector<TreadlePair>& params) {
    return treadle_symbol_compose(op, params.data(), params.size(), inputs, nullptr, 1, "n", &out);
  };
  refuses(compose("FullyConected", {}), {"FullyConected", "FullyConnected"});
  refuses(compose(nullptr, {}), "op is NULL");
  refuses(compose("FullyConnected", {}), "num_hidden");
  refuses(compose("FullyConnected", {{"num_hiden", "3"}}), "num_hidden");
  refuses(compose("FullyConnected", {{"num_hidden", "many"}}), {"FullyConnected(n)", "many"});
  refuses(compose("FullyConnected", {{"num_hidden", "0"}}), "num_hidden");
  refuses(compose("FullyConnected", {{"num_hidden", "1"}, {"num_hidden", "2"}}),
          "params has 'num_hidden' twice");
  refuses(compose("FullyConnected", {{nullptr, "1"}}), "a key is NULL");
  refuses(treadle_symbol_compose("exp", nullptr, 2, inputs, nullptr, 1, nullptr, &out),
          "params is NULL, but 2 are announced");
  refuses(treadle_symbol_compose("exp", nullptr, 0, inputs, nullptr, 1, nullptr, nullptr),
          "the place for the new handle is NULL");
  refuses(treadle_symbol_variable(nullptr, &out), "name is NULL");
  REQUIRE(out == nullptr);
}

}  // namespace
}  // namespace treadle::testing
