#include "treadle/serialization/symbol_json.h"

#include "treadle/tests/serialization/data.h"
#include "treadle/tests/serialization/symbols.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Names = std::vector<std::string>;

Symbol var(const char* name, const Attributes& attributes = {}) {
  return Symbol::variable(name, attributes);
}

Symbol round_trip(const Symbol& symbol) { return symbol_from_json(to_json(symbol)); }

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("the golden text of a small net", "[serialization]") {
  const Symbol fc =
      make("FullyConnected", {var("data", {{"__shape__", "(0, 4)"}})},
           {{"num_hidden", "3"}, {"no_bias", "True"}}, "fc", {{"__lr_mult__", "0.5"}});
  REQUIRE(to_json(make("Flatten", {fc}, {}, "flat")) ==
          "{\n"
          "  \"nodes\": [\n"
          "    {\n"
          "      \"op\": \"null\", \n"
          "      \"name\": \"data\", \n"
          "      \"attrs\": {\"__shape__\": \"(0, 4)\"}, \n"
          "      \"inputs\": []\n"
          "    }, \n"
          "    {\n"
          "      \"op\": \"null\", \n"
          "      \"name\": \"fc_weight\", \n"
          "      \"attrs\": {\"__lr_mult__\": \"0.5\"}, \n"
          "      \"inputs\": []\n"
          "    }, \n"
          "    {\n"
          "      \"op\": \"FullyConnected\", \n"
          "      \"name\": \"fc\", \n"
          "      \"attrs\": {\n"
          "        \"__lr_mult__\": \"0.5\", \n"
          "        \"no_bias\": \"True\", \n"
          "        \"num_hidden\": \"3\"\n"
          "      }, \n"
          "      \"inputs\": [[0, 0, 0], [1, 0, 0]]\n"
          "    }, \n"
          "    {\n"
          "      \"op\": \"Flatten\", \n"
          "      \"name\": \"flat\", \n"
          "      \"inputs\": [[2, 0, 0]]\n"
          "    }\n"
          "  ], \n"
          "  \"arg_nodes\": [0, 1], \n"
          "  \"node_row_ptr\": [0, 1, 2, 3, 4], \n"
          "  \"heads\": [[3, 0, 0]], \n"
          "  \"attrs\": {\"mxnet_version\": [\"int\", 10901]}\n"
          "}");
}

TEST_CASE("files of MXNet 1.9.1 are read and written back to the byte", "[serialization]") {
  register_slice_channel();
  for (const char* name : {"mlp-1.9.1-symbol.json", "attrs-1.9.1-symbol.json"}) {
    CAPTURE(name);
    REQUIRE(to_json(Symbol::load(data_file(name))) == read_file(data_file(name)));
  }
}

TEST_CASE("lists of more than ten get a line for each", "[serialization]") {
  std::vector<Symbol> inputs;
  for (int i = 0; i < 11; ++i) inputs.push_back(Symbol::variable(concat("v", i)));
  const std::string json = to_json(compose("Concat", {}, inputs, {}, "c"));
  REQUIRE(holds(json, "\"inputs\": [\n        [0, 0, 0], \n        [1, 0, 0], \n"));
  REQUIRE(holds(
      json, "        [10, 0, 0]\n      ]\n    }\n  ], \n  \"arg_nodes\": [\n    0, \n    1, \n"));
  REQUIRE(holds(json, "\"num_args\": \"11\""));
}

TEST_CASE("states carry the count of their updates, hidden outputs count", "[serialization]") {
  const Symbol mean = var("mean"), variance = var("var");
  const Symbol first =
      make("BatchNorm", {var("x"), var("g1"), var("b1"), mean, variance}, {}, "bn1");
  const Symbol second = make("BatchNorm", {first, var("g2"), var("b2"), mean, variance}, {}, "bn2");
  const std::string json = to_json(second);
  REQUIRE(holds(json, "[[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 1], [4, 0, 1]]"));
  REQUIRE(holds(json, "[[5, 0, 0], [6, 0, 0], [7, 0, 0], [3, 0, 2], [4, 0, 2]]"));
  REQUIRE(holds(
      json,
      "\"node_row_ptr\": [0, 1, 2, 3, 4, 5, 8, 9, 10, 13]"));  // three outputs, two of them hidden
  REQUIRE(to_json(symbol_from_json(json)) == json);
}

TEST_CASE("names and attributes keep quotes, line ends and other scripts", "[serialization]") {
  const std::string odd = "a\"b\\c\n\t\r/\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x98\x80\x01\x7f";
  const Symbol x = Symbol::variable(odd, {{odd, odd}});
  REQUIRE(round_trip(x).list_arguments() == Names{odd});
  REQUIRE(round_trip(x).attr(odd) == odd);
  REQUIRE(holds(to_json(x), "a\\\"b\\\\c\\n\\t\\r/\xc3\xa9"));
  for (const char* bad :
       {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"}) {
    require_error_matches([&] { to_json(Symbol::variable(bad)); }, "is not UTF-8 text");
  }
}

TEST_CASE("a user's plain attributes of operators stand under one reserved key",
          "[serialization]") {
  const Symbol op =
      make("Activation", {var("data", {{"mood", "angry"}})}, {{"act_type", "relu"}}, "act",
           {{"mood", "so \"so\""}, {"act_type", "mine"}, {"__ctx_group__", "1"}});
  const std::string json = to_json(op);
  REQUIRE(holds(json, "\"attrs\": {\"mood\": \"angry\"}"));  // a variable's stay as they are
  REQUIRE(holds(json,
                "\"__user_attrs__\": \"{\\\"act_type\\\": \\\"mine\\\", \\\"mood\\\": "
                "\\\"so \\\\\\\"so\\\\\\\"\\\"}\""));
  REQUIRE(holds(json, "\"act_type\": \"relu\""));
  const Symbol back = symbol_from_json(json);
  REQUIRE(back.list_attr() == op.list_attr());
  REQUIRE(back.list_attr(true) == op.list_attr(true));
  REQUIRE(back.outputs()[0].node->param_text == ParamText{{"act_type", "relu"}});
  REQUIRE(to_json(back) == json);
  // Even one of the reserved key's own name comes back.
  const Symbol cheeky = make("Flatten", {var("x")}, {}, "f", {{"__user_attrs__", "no JSON"}});
  REQUIRE(round_trip(cheeky).list_attr() == cheeky.list_attr());
  // An operator without parameters has nothing that a user's key could be taken for.
  const Symbol calm = make("Flatten", {var("x")}, {}, "f", {{"mood", "calm"}});
  REQUIRE(holds(to_json(calm), "\"attrs\": {\"mood\": \"calm\"}"));
  REQUIRE(round_trip(calm).list_attr() == calm.list_attr());
}

TEST_CASE("groups, internals and outputs by number come back", "[serialization]") {
  register_slice_channel();
  const Symbol parts = make("SliceChannel", {var("x")}, {{"num_outputs", "3"}}, "sp");
  REQUIRE(round_trip(parts[2]).list_outputs() == Names{"sp_output2"});
  const Symbol members[] = {parts[1], var("y"), parts[1]};
  const Symbol group = Symbol::group(members);
  REQUIRE(round_trip(group).list_outputs() == Names{"sp_output1", "y", "sp_output1"});
  const Symbol inside = make("BatchNorm", {parts[0]}, {}, "bn").internals();
  REQUIRE(round_trip(inside).list_outputs() == inside.list_outputs());
  REQUIRE(to_json(round_trip(inside)) == to_json(inside));
  const Symbol x = var("x");
  const Symbol twice = make("elemwise_add", {x, x}, {}, "sum");
  REQUIRE(round_trip(twice).list_arguments() == Names{"x"});
  require_error_matches([] { to_json(Symbol()); }, "An empty symbol cannot be saved");
}

TEST_CASE("aliases are saved under the name that MXNet 1.9.1 has", "[serialization]") {
  const Symbol sum = make("_Plus", {var("a"), var("b")}, {}, "sum");
  REQUIRE(holds(to_json(sum), "\"op\": \"elemwise_add\""));
  REQUIRE(holds(to_json(var("a") * 2), "\"op\": \"_mul_scalar\""));
}

TEST_CASE("a symbol is saved to a file and loaded from it", "[serialization]") {
  const ScratchFolder folder("symbol_save");
  const Symbol net = var("a") + var("b");
  net.save(folder / "net-symbol.json");
  REQUIRE(Symbol::load(folder / "net-symbol.json").to_json() == net.to_json());
  REQUIRE(Symbol::from_json(net.to_json()).to_json() == net.to_json());
  write_file(folder / "bad.json", "{\"nodes\": [");
  require_error_matches([&] { Symbol::load(folder / "bad.json"); },
                        {"bad.json: the text ends at byte 11 before it is complete"});
}

TEST_CASE("a chain of 50,000 nodes is written and read", "[serialization]") {
  Symbol chain = var("x");
  for (int i = 0; i < 50'000; ++i) chain = make("Flatten", {chain}, {}, "f");
  const std::string json = to_json(chain);
  REQUIRE(to_json(symbol_from_json(json)) == json);
}

}  // namespace treadle::testing
