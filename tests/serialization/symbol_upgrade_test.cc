#include "treadle/serialization/symbol_json.h"
#include "treadle/tests/serialization/data.h"
#include "treadle/tests/serialization/symbols.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Names = std::vector<std::string>;

Symbol load(const std::string& name) {
  register_slice_channel();
  return Symbol::load(data_file(name));
}

// A file of one operator over the variable `data`, in the form of 0.8.
std::string old_form(const std::string& op, const std::string& params,
                     const std::string& attributes = "{}") {
  return R"({"nodes": [{"op": "null", "param": {}, "name": "data", "inputs": [], "backward_source_id": -1},
             {"op": ")" +
         op + R"(", "param": )" + params + R"(, "name": "n", "inputs": [[0, 0]],
              "backward_source_id": -1, "attr": )" +
         attributes + R"(}],
             "arg_nodes": [0], "heads": [[1, 0]]})";
}

// The same in the form of a later version.
std::string newer_form(int version, const std::string& key, const std::string& op,
                       const std::string& attributes,
                       const std::string& variable_attributes = "{}") {
  return R"({"nodes": [{"op": "null", "name": "data", ")" + key + "\": " + variable_attributes +
         R"(, "inputs": []}, {"op": ")" + op + R"(", "name": "n", ")" + key + "\": " + attributes +
         R"(, "inputs": [[0, 0, 0]]}], "arg_nodes": [0], "heads": [[1, 0, 0]],
         "attrs": {"mxnet_version": ["int", )" +
         std::to_string(version) + "]}}";
}

}  // namespace

TEST_CASE("the same graph in every era's form is the same graph", "[serialization]") {
  for (const char* graph : {"mlp", "attrs"}) {
    const Symbol now = load(concat(graph, "-1.9.1-symbol.json"));
    for (const char* era : {"v0.8", "v0.9", "v0.11"}) {
      CAPTURE(graph, era);
      const Symbol old = load(concat(graph, "-", era, "-form-symbol.json"));
      REQUIRE(old.list_arguments() == now.list_arguments());
      REQUIRE(old.list_auxiliary_states() == now.list_auxiliary_states());
      REQUIRE(old.list_outputs() == now.list_outputs());
      REQUIRE(old.debug_str() == now.debug_str());
      auto expected = now.attr_dict();
      if (std::string(era) == "v0.8" && graph == std::string("attrs")) {
        // The states were no nodes, so no parameters were copied to them.
        expected.at("bn_moving_mean").erase("fix_gamma");
        expected.at("bn_moving_var").erase("fix_gamma");
      }
      REQUIRE(old.attr_dict() == expected);
      // Saved, it is of the current form.
      REQUIRE(symbol_from_json(to_json(old)).attr_dict() == expected);
    }
  }
}

TEST_CASE("a file that MXNet 0.8 wrote", "[serialization]") {
  const Symbol net = load("save_000800-symbol.json");
  REQUIRE(net.list_arguments() == Names{"data", "fc1_weight", "fc1_bias", "fc2_weight", "fc2_bias",
                                        "fc3_weight", "fc3_bias", "batchnorm0_gamma",
                                        "batchnorm0_beta", "softmax_label"});
  REQUIRE(net.list_auxiliary_states() == Names{"batchnorm0_moving_mean", "batchnorm0_moving_var"});
  REQUIRE(net.list_outputs() == Names{"softmax_output"});
  const auto all = net.attr_dict();
  REQUIRE(all.at("data") == Attributes{{"__ctx_group__", "stage1"}, {"__lr_mult__", "0.2"}});
  // weight_lr_mult of fc1 went to its weight; its copy on the variables stays a user's attribute.
  REQUIRE(all.at("fc1_weight") == Attributes{{"__ctx_group__", "stage1"},
                                             {"__lr_mult__", "1.2"},
                                             {"__wd_mult__", "0.3"},
                                             {"weight_lr_mult", "1.2"}});
  REQUIRE(all.at("fc1_bias") == Attributes{{"__ctx_group__", "stage1"},
                                           {"__wd_mult__", "0.3"},
                                           {"weight_lr_mult", "1.2"}});
  REQUIRE(all.at("fc1") == Attributes{{"__ctx_group__", "stage1"},
                                      {"__wd_mult__", "0.3"},
                                      {"no_bias", "False"},
                                      {"num_hidden", "128"}});
  REQUIRE(all.at("batchnorm0_moving_var").at("__init__") == "[\"one\", {}]");
  REQUIRE(all.at("batchnorm0_moving_var").at("__ctx_group__") == "stage2");
  REQUIRE(net.infer_shape({{"data", {10, 20}}}).outputs == std::vector<Shape>{{10, 10}});
}

TEST_CASE("keys of optimizers and placement get their underscores before 1.9.1 only",
          "[serialization]") {
  const std::string attributes = R"({"lr_mult": "2", "__wd_mult__": "3", "mood": "calm"})";
  const Symbol old = symbol_from_json(newer_form(1100, "attr", "Flatten", "{}", attributes));
  REQUIRE(old.children().list_attr() ==
          Attributes{{"__lr_mult__", "2"}, {"__wd_mult__", "3"}, {"mood", "calm"}});
  const Symbol now = symbol_from_json(newer_form(10901, "attrs", "Flatten", "{}", attributes));
  REQUIRE(now.children().attr("lr_mult") == "2");
}

TEST_CASE("inputs that old files leave out are created", "[serialization]") {
  const std::string json =
      old_form("FullyConnected", R"({"num_hidden": "4"})", R"({"ctx_group": "a"})");
  const Symbol net = symbol_from_json(json);
  REQUIRE(net.list_arguments() == Names{"data", "n_weight", "n_bias"});
  REQUIRE(net.attr_dict().at("n_bias") == Attributes{{"__ctx_group__", "a"}});
  require_error_matches(
      [] { symbol_from_json(newer_form(905, "attr", "FullyConnected", R"({"num_hidden": "4"})")); },
      "nodes[1].inputs: FullyConnected(n) has 1 inputs; 3 (data, weight, bias) are expected.");
}

TEST_CASE("initialisers of states are added before 0.9.4 only", "[serialization]") {
  const auto json = [](int version) {
    return R"({"nodes": [{"op": "null", "name": "a", "inputs": []}, {"op": "null", "name": "b", "inputs": []},
      {"op": "null", "name": "c", "inputs": []}, {"op": "null", "name": "d", "inputs": []},
      {"op": "null", "name": "e", "inputs": []}, {"op": "BatchNorm", "name": "bn",
      "inputs": [[0,0,0],[1,0,0],[2,0,0],[3,0,0],[4,0,0]]}], "heads": [[5,0,0]],
      "attrs": {"mxnet_version": ["int", )" +
           std::to_string(version) + "]}}";
  };
  REQUIRE(symbol_from_json(json(903)).attr_dict().at("e").at("__init__") == "[\"one\", {}]");
  REQUIRE_FALSE(symbol_from_json(json(904)).attr_dict().contains("e"));
}

TEST_CASE("a Pooling older than its convention rounds up", "[serialization]") {
  const std::string all = R"j("global_pool": "False", "kernel": "(3,3)", "pad": "(0,0)",
                             "pool_type": "max", "stride": "(2,2)")j";
  const Symbol oldest = symbol_from_json(old_form("Pooling", "{" + all + "}"));
  REQUIRE(oldest.attr("pooling_convention") == "full");
  REQUIRE(oldest.infer_shape({{"data", {1, 1, 28, 28}}}).outputs ==
          std::vector<Shape>{{1, 1, 14, 14}});
  const Symbol valid =
      symbol_from_json(old_form("Pooling", "{" + all + R"(, "pooling_convention": "valid"})"));
  REQUIRE(valid.infer_shape({{"data", {1, 1, 28, 28}}}).outputs ==
          std::vector<Shape>{{1, 1, 13, 13}});
  const Symbol later = symbol_from_json(newer_form(905, "attr", "Pooling", "{" + all + "}"));
  REQUIRE_FALSE(later.attr("pooling_convention"));
}

TEST_CASE("parameters and attributes of one name are kept apart in the old form",
          "[serialization]") {
  const Symbol net = symbol_from_json(
      old_form("Activation", R"({"act_type": "tanh"})", R"({"act_type": "mine", "mood": "calm"})"));
  REQUIRE(net.list_attr() == Attributes{{"act_type", "mine"}, {"mood", "calm"}});
  REQUIRE(net.outputs()[0].node->param_text == ParamText{{"act_type", "tanh"}});
}

TEST_CASE("parameters are read as every era printed them", "[serialization]") {
  for (const char* kernel : {"(3,3)", "(3, 3)", "[3, 3]", "(3L, 3L)"}) {
    for (const char* truth : {"True", "true", "1"}) {
      CAPTURE(kernel, truth);
      const Symbol net = symbol_from_json(
          newer_form(10901, "attrs", "Pooling",
                     concat(R"({"kernel": ")", kernel, R"(", "pool_type": "max", "global_pool": ")",
                            truth, "\"}")));
      REQUIRE(net.infer_shape({{"data", {1, 2, 5, 5}}}).outputs ==
              std::vector<Shape>{{1, 2, 1, 1}});
    }
  }
}

}  // namespace treadle::testing
