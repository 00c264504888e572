// What no file may say. Each refusal matches its words; nothing crashes on any text.
#include "treadle/serialization/symbol_json.h"
#include "treadle/tests/serialization/data.h"
#include "treadle/tests/serialization/symbols.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

const std::string variable = R"({"op": "null", "name": "x", "inputs": []})";

// A current file with these nodes and heads.
std::string file(const std::string& nodes, const std::string& heads = "[[0, 0, 0]]",
                 const std::string& more = "") {
  return R"({"nodes": [)" + nodes + R"(], "heads": )" + heads + more +
         R"(, "attrs": {"mxnet_version": ["int", 10901]}})";
}

std::string flatten(const std::string& inputs, const std::string& attributes = "{}") {
  return R"({"op": "Flatten", "name": "f", "attrs": )" + attributes + R"(, "inputs": )" + inputs +
         "}";
}

void refuse(const std::string& json, std::initializer_list<std::string_view> words) {
  CAPTURE(json.substr(0, 400));
  require_error_matches([&] { symbol_from_json(json, "net.json"); }, words);
}

}  // namespace

TEST_CASE("text that is no JSON is refused with its byte", "[serialization]") {
  refuse("", {"net.json: the text ends at byte 0 before it is complete"});
  refuse("{\"nodes\": [", {"the text ends at byte 11 before it is complete", "cut short?"});
  refuse("{\"nodes\": [}", {"byte 11: this is no JSON: "});
  refuse("nodes", {"byte 1: this is no JSON"});
  refuse(file(variable) + "x", {": this is no JSON: ", "byte "});
  refuse(file(variable) + std::string("\0x", 2),
         {"a zero byte lies between the symbol and more text"});
  refuse("{\"nodes\": \"\xff\"}", {"byte ", "Invalid encoding"});
  refuse("{\"a\": 1e999}", {"byte ", "Number too big"});
  REQUIRE_NOTHROW(symbol_from_json(file(variable) + std::string("\n\0", 2)));
}

TEST_CASE("nesting is bounded and costs no stack", "[serialization]") {
  refuse(std::string(1'000'000, '['), {"byte 64: the text nests deeper than 64 levels"});
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  refuse(objects, {"nests deeper than 64 levels"});
  refuse(file(variable, "[[0, 0, 0]]", ", \"x\": " + std::string(100, '[') + std::string(100, ']')),
         {"nests deeper than 64 levels"});
}

TEST_CASE("missing members and wrong types are refused with their path", "[serialization]") {
  refuse("[]", {"net.json: this is an array; an object is expected."});
  refuse("7", {"net.json: this is a number; an object is expected."});
  refuse("{}", {"there is no member 'nodes'."});
  refuse(R"({"nodes": {}, "heads": []})", {"nodes: this is an object; an array is expected."});
  refuse(R"({"nodes": []})", {"there is no member 'heads'."});
  refuse(file(variable, "[]"), {"heads: the list is empty; a symbol has at least one output."});
  refuse(file(""), {"heads[0]: node 0 is named; the file has 0 nodes."});
  refuse(file(variable, "[[1, 0, 0]]"), {"heads[0]: node 1 is named; the file has 1 nodes."});
  refuse(file(variable, "[[0, 1, 0]]"),
         {"heads[0]: output 1 of variable 'x' is named; it has 1 output."});
  refuse(file(variable, "7"), {"heads: this is a number; an array is expected."});
  refuse(file("null"), {"nodes[0]: this is null; an object is expected."});
  refuse(file(R"({"name": "x", "inputs": []})"), {"nodes[0]: there is no member 'op'."});
  refuse(file(R"({"op": "null", "inputs": []})"), {"nodes[0]: there is no member 'name'."});
  refuse(file(R"({"op": "null", "name": "x"})"), {"nodes[0]: there is no member 'inputs'."});
  refuse(file(R"({"op": 1, "name": "x", "inputs": []})"),
         {"nodes[0].op: this is a number; text is expected."});
  refuse(file(R"({"op": "null", "name": true, "inputs": []})"),
         {"nodes[0].name: this is a truth value"});
  refuse(file(R"({"op": "null", "name": "", "inputs": []})"),
         {"nodes[0].name: a variable has no name"});
  refuse(file(R"({"op": "null", "name": "x", "inputs": [], "attrs": []})"),
         {"nodes[0].attrs: this is an array; an object is expected."});
  refuse(file(R"({"op": "null", "name": "x", "inputs": [], "attrs": {"a": 1}})"),
         {"nodes[0].attrs.a: this is a number; text is expected."});
  refuse(file(R"({"op": "null", "name": "x", "inputs": [], "attrs": {"a": "1", "a": "2"}})"),
         {"nodes[0].attrs.a: the key is given twice."});
  refuse(file(variable, "[[0, 0, 0]]", R"(, "arg_nodes": [5])"), {"arg_nodes[0]: node 5 is named"});
  refuse(file(variable, "[[0, 0, 0]]", R"(, "node_row_ptr": 3)"),
         {"node_row_ptr: this is a number"});
  refuse(R"({"nodes": [], "heads": [], "attrs": {"mxnet_version": 3}})",
         {"attrs.mxnet_version: this is a number; an array is expected."});
  refuse(R"({"nodes": [], "heads": [], "attrs": {"mxnet_version": ["int", -3]}})",
         {"attrs.mxnet_version[1]: the number is -3; 0 to 2147483647 is expected."});
}

TEST_CASE("wrong inputs are refused at load with their path", "[serialization]") {
  refuse(file(variable + ", " + flatten("[[1, 0, 0]]")),
         {"nodes[1].inputs[0]: node 'f' is its own input; a graph has no cycles."});
  refuse(file(variable + ", " + flatten("[[2, 0, 0]]") + ", " + flatten("[[1, 0, 0]]")),
         {"nodes[1].inputs[0]: node 2 comes after its user, node 1", "a cycle"});
  refuse(file(variable + ", " + flatten("[[9, 0, 0]]")),
         {"nodes[1].inputs[0]: node 9 is named; the file has 2 nodes."});
  refuse(file(variable + ", " + flatten("[[0, 3, 0]]")),
         {"nodes[1].inputs[0]: output 3 of variable 'x' is named; it has 1 output."});
  refuse(file(variable + ", " + flatten("[[-1, 0, 0]]")),
         {"nodes[1].inputs[0][0]: the number is -1"});
  refuse(file(variable + ", " + flatten("[[0.5, 0, 0]]")),
         {"nodes[1].inputs[0][0]: an integer from 0"});
  refuse(file(variable + ", " + flatten("[[18446744073709551615, 0]]")), {"nodes[1].inputs[0][0]"});
  refuse(file(variable + ", " + flatten("[[0]]")), {"nodes[1].inputs[0]: an entry has 1 numbers"});
  refuse(file(variable + ", " + flatten("[0]")), {"nodes[1].inputs[0]: this is a number"});
  refuse(file(variable + ", " + flatten("[]")),
         {"nodes[1].inputs: Flatten(f) has 0 inputs; 1 (data) are expected."});
  refuse(file(variable + R"(, {"op": "null", "name": "y", "inputs": [[0, 0, 0]]})"),
         {"nodes[1].inputs: variable 'y' has 1 inputs; a variable has none."});
  refuse(file(variable + R"(, {"op": "Concat", "name": "c", "attrs": {"num_args": "2000000000"},
                                "inputs": [[0, 0, 0]]})"),
         {"nodes[1].inputs: Concat(c) has 1 inputs and num_args 2000000000; they must be equal."});
  refuse(file(variable + ", " + flatten("[[0, 0, 0]]") + R"(, {"op": "BatchNorm", "name": "bn",
              "inputs": [[0, 0, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0], [0, 0, 0]]})"),
         {"nodes[2].inputs[3]: moving_mean of BatchNorm(bn) is the output of Flatten(f)",
          "must be a variable"});
}

TEST_CASE("unknown operators and wrong parameters are refused with their node", "[serialization]") {
  refuse(file(variable + R"(, {"op": "Flaten", "name": "f", "inputs": [[0, 0, 0]]})"),
         {"nodes[1].op: there is no operator 'Flaten' (node 'f').", "Did you mean 'Flatten'?",
          "written by MXNet 1.9.1"});
  refuse(file(variable + R"(, {"op": "_backward_Activation", "name": "f", "inputs": [[0, 0, 0]]})"),
         {"nodes[1].op: there is no operator '_backward_Activation'"});
  for (const std::string op : {"_Native", "_NDArray"}) {
    refuse(file(variable + R"(, {"op": ")" + op + R"(", "name": "n", "attrs": {"info": "0x55d8c0"},
                "inputs": [[0, 0, 0]]})"),
           {"nodes[1].op: " + op + "(n) was made of an object in Python", "cannot be loaded",
            "CustomOp"});
  }
  refuse(file(variable + R"(, {"op": "Activation", "name": "a", "inputs": [[0, 0, 0]]})"),
         {"net.json: nodes[1]: Activation(a): the parameter act_type", "is missing"});
  refuse(file(variable + R"(, {"op": "Activation", "name": "a", "attrs": {"act_type": "rleu"},
                                "inputs": [[0, 0, 0]]})"),
         {"net.json: nodes[1]: Activation(a): act_type: 'rleu'", "'relu'"});
  refuse(file(variable + ", " + flatten("[[0, 0, 0]]", R"({"__user_attrs__": "{"})")),
         {"net.json: nodes[1].attrs.__user_attrs__: the text ends at byte 1"});
  refuse(file(variable + ", " + flatten("[[0, 0, 0]]", R"({"__user_attrs__": "{\"a\": 1}"})")),
         {"net.json: nodes[1].attrs.__user_attrs__: a: this is a number; text is expected."});
}

TEST_CASE("an unknown key warns when it may be a slip, and is kept", "[serialization]") {
  const Warnings warnings;
  const Symbol net = symbol_from_json(
      file(
          variable +
              R"j(, {"op": "Pooling", "name": "p", "attrs": {"kernel": "(2, 2)", "kernal": "(3, 3)",
            "pool_type": "max", "mood": "calm", "__strid__": "x"}, "inputs": [[0, 0, 0]]})j",
          "[[1, 0, 0]]"),
      "net.json");
  REQUIRE(warnings.said ==
          std::vector<std::string>{
              "net.json: nodes[1]: Pooling(p) has no parameter 'kernal'; it is kept as "
              "an attribute of the user. Did you mean 'kernel'?"});
  REQUIRE(net.list_attr() ==
          Attributes{{"__strid__", "x"}, {"kernal", "(3, 3)"}, {"mood", "calm"}});
  const size_t before = warnings.said.size();
  symbol_from_json(to_json(net));  // under the reserved key nothing is a slip any more
  REQUIRE(warnings.said.size() == before);
}

TEST_CASE("control dependencies are ignored with a warning", "[serialization]") {
  const Warnings warnings;
  const std::string node =
      R"({"op": "Flatten", "name": "f", "inputs": [[0, 0, 0]], "control_deps": [0]})";
  REQUIRE(symbol_from_json(file(concat(variable, ", ", node), "[[1, 0, 0]]")).name() == "f");
  REQUIRE(warnings.said.size() == 1);
}

namespace {

// A net with windows, states and counts, so that a changed byte meets many a parameter.
std::string windows_json() {
  Symbol net = make(
      "Convolution", {Symbol::variable("data")},
      {{"kernel", "(3, 3)"}, {"num_filter", "4"}, {"stride", "(2, 2)"}, {"pad", "(1, 1)"}}, "c");
  net = make("BatchNorm", {net}, {{"axis", "1"}}, "b");
  net = make("Pooling", {net}, {{"kernel", "(2, 2)"}, {"stride", "(2, 2)"}, {"pool_type", "max"}},
             "p");
  net = make("Concat", {net, net}, {{"dim", "1"}}, "j");
  return to_json(make("Reshape", {net}, {{"shape", "(0, -1)"}}, "r"));
}

// Whatever is read must also be written, read again, and inferred or refused.
void use(const std::string& json) {
  const Symbol read = symbol_from_json(json);
  const std::string written = to_json(read);
  REQUIRE(to_json(symbol_from_json(written)) == written);
  read.infer_shape({{"data", {2, 3, 8, 8}}}, true);
  read.infer_shape({{"data", {2, 3, 0, 8}}}, true);
}

}  // namespace

TEST_CASE("cut short anywhere, a symbol is refused; with any byte changed, it is read or refused",
          "[serialization]") {
  register_slice_channel();
  const Warnings quiet;
  const std::string texts[] = {windows_json(), read_file(data_file("mlp-1.9.1-symbol.json")),
                               read_file(data_file("mlp-v0.9-form-symbol.json")),
                               read_file(data_file("attrs-v0.8-form-symbol.json"))};
  for (const std::string& whole : texts) {
    CAPTURE(whole.substr(0, 400));
    for (size_t length = 0; length < whole.size(); ++length) {
      const std::vector<char> cut(whole.begin(), whole.begin() + ptrdiff_t(length));
      REQUIRE_THROWS_AS(symbol_from_json({cut.data(), cut.size()}), Error);
    }
    for (size_t at = 0; at < whole.size(); ++at) {
      for (const int change :
           {1, 2, 4, 16, 128, ' ' ^ whole[at], '9' ^ whole[at], '-' ^ whole[at]}) {
        std::string damaged = whole;
        damaged[at] = char(damaged[at] ^ change);
        try {
          use(damaged);
        } catch (const Error&) {
          continue;
        }
      }
    }
  }
}

}  // namespace treadle::testing
