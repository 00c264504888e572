#include "treadle/graph/scope.h"
#include "treadle/graph/symbol.h"
#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

using Names = std::vector<std::string>;

Symbol var(const char* name, const Attributes& attributes = {}) {
  return Symbol::variable(name, attributes);
}

Symbol dense(const std::map<std::string, Symbol>& named, std::string_view name = "fc",
             const Attributes& attributes = {}) {
  register_test_operators();
  return compose("test_dense", {{"num_hidden", "8"}}, {}, named, name, attributes);
}

}  // namespace

TEST_CASE("inputs left out become variables named after the node", "[graph]") {
  const Symbol net = dense({{"data", var("data")}});
  REQUIRE(net.list_arguments() == Names{"data", "fc_weight", "fc_bias"});
  REQUIRE(net.list_outputs() == Names{"fc_output"});
  REQUIRE(dense({}).list_arguments() == Names{"fc_data", "fc_weight", "fc_bias"});
  REQUIRE(make("test_dense", {var("x"), var("w")}, {{"num_hidden", "8"}, {"no_bias", "True"}}, "fc")
              .list_arguments() == Names{"x", "w"});
  REQUIRE(dense({{"bias", var("b")}, {"weight", var("w")}}).list_arguments() ==
          Names{"fc_data", "w", "b"});
}

TEST_CASE("states are listed apart and created with their initialisers", "[graph]") {
  const Symbol net = make("test_norm", {var("data")}, {}, "bn");
  REQUIRE(net.list_arguments() == Names{"data", "bn_gamma"});
  REQUIRE(net.list_auxiliary_states() == Names{"bn_mean", "bn_var"});
  REQUIRE(net.list_inputs() == Names{"data", "bn_gamma", "bn_mean", "bn_var"});
  REQUIRE(net.list_outputs() == Names{"bn_output"});  // `saved` is hidden
  REQUIRE(net.attr_dict().at("bn_var").at("__init__") == "[\"one\", {}]");
  REQUIRE_FALSE(net.attr_dict().contains("bn_gamma"));
}

TEST_CASE("the number of inputs is filled in where a parameter counts them", "[graph]") {
  const Symbol net = make("test_join", {var("a"), var("b"), var("c")}, {}, "j");
  REQUIRE(net.attr("num_args") == "3");
  REQUIRE(net.list_arguments() == Names{"a", "b", "c"});
  REQUIRE(make("test_join", {var("a")}, {{"num_args", "2"}}, "j").list_arguments() ==
          Names{"a", "j_arg1"});
}

TEST_CASE("arithmetic makes the operators and names that MXNet makes", "[graph]") {
  const NameManager names;
  const Symbol a = var("a"), b = var("b");
  const auto check = [](const Symbol& made, std::string_view op, std::string_view name) {
    REQUIRE(made.outputs()[0].node->op->name == op);
    REQUIRE(made.name() == name);
  };
  check(a + b, "elemwise_add", "_plus0");
  check(a - b, "elemwise_sub", "_minus0");
  check(a * b, "elemwise_mul", "_mul0");
  check(a / b, "elemwise_div", "_div0");
  check(a + 2, "_plus_scalar", "_plusscalar0");
  check(2 + a, "_plus_scalar", "_plusscalar1");
  check(a - 2, "_minus_scalar", "_minusscalar0");
  check(2 - a, "_rminus_scalar", "_rminusscalar0");
  check(a * 2, "_mul_scalar", "_mulscalar0");
  check(a / 2, "_div_scalar", "_divscalar0");
  check(2 / a, "_rdiv_scalar", "_rdivscalar0");
  check(-a, "_mul_scalar", "_mulscalar1");
  REQUIRE((a * 0.5).attr("scalar") == "0.5");
  REQUIRE((a + b).list_arguments() == Names{"a", "b"});
}

TEST_CASE("outputs are taken by number and by name", "[graph]") {
  const Symbol parts = make("test_split", {var("x")}, {{"num_outputs", "3"}}, "sp");
  REQUIRE(parts.list_outputs() == Names{"sp_output0", "sp_output1", "sp_output2"});
  REQUIRE(parts[1].list_outputs() == Names{"sp_output1"});
  REQUIRE(parts["sp_output2"].outputs()[0].output == 2);
  REQUIRE(parts.name() == "sp");
  require_error_matches([&] { (void)parts[3]; }, "Output 3 is asked of a symbol with 3 outputs");
  require_error_matches([&] { (void)parts[-1]; }, "Output -1");
  require_error_matches([&] { (void)parts["sp_outptu1"]; },
                        {"There is no output 'sp_outptu1'", "Did you mean 'sp_output1'?"});
  const Symbol members[] = {var("y"), var("y")};
  require_error_matches([&] { (void)Symbol::group(members)["y"]; },
                        "Several outputs are called 'y'");
}

TEST_CASE("groups list the outputs of all members", "[graph]") {
  const Symbol fc1 = dense({{"data", var("data")}}, "fc1");
  const Symbol out =
      make("test_loss", {make("test_act", {fc1}, {{"act_type", "relu"}}, "relu1")}, {}, "softmax");
  const Symbol members[] = {fc1, out};
  const Symbol group = Symbol::group(members);
  REQUIRE(group.list_outputs() == Names{"fc1_output", "softmax_output"});
  REQUIRE(group.list_arguments() == Names{"data", "fc1_weight", "fc1_bias", "softmax_label"});
  REQUIRE(group.name().empty());
  REQUIRE(group.list_attr() == fc1.list_attr());  // those of the first, as in MXNet
  require_error_matches([&] { (void)group.attr("x"); },
                        "A group of several nodes has no attributes");
  require_error_matches([] { Symbol::group({}); }, "A group needs at least one symbol");
}

TEST_CASE("internals and children show the graph's inside", "[graph]") {
  const Symbol net =
      make("test_act", {dense({{"data", var("data")}})}, {{"act_type", "relu"}}, "act");
  REQUIRE(net.internals().list_outputs() ==
          Names{"data", "fc_weight", "fc_bias", "fc_output", "act_output"});
  REQUIRE(net.internals()["fc_output"].list_arguments() == Names{"data", "fc_weight", "fc_bias"});
  REQUIRE(net.children().list_outputs() == Names{"fc_output"});
  REQUIRE(net.children().children().list_outputs() == Names{"data", "fc_weight", "fc_bias"});
  REQUIRE(var("data").children().is_empty());
}

TEST_CASE("composing does not change what exists", "[graph]") {
  const Symbol x = var("x");
  const Symbol a = make("test_act", {x}, {{"act_type", "relu"}}, "a");
  const std::string before = a.debug_str();
  const Symbol b = make("test_add", {a, a}, {}, "b");
  REQUIRE(a.debug_str() == before);
  REQUIRE(b.list_arguments() == Names{"x"});
}

TEST_CASE("a copy has nodes of its own; substitution puts graphs into variables", "[graph]") {
  const Symbol net = dense({{"data", var("data")}});
  Symbol copy = net.deep_copy();
  copy.set_attr("__mark__", "copy");
  REQUIRE(copy.attr("__mark__") == "copy");
  REQUIRE_FALSE(net.attr("__mark__"));
  REQUIRE(copy.debug_str() == net.debug_str());

  const Symbol parts = make("test_split", {var("x")}, {}, "sp");
  const Symbol joined = net.substitute({{"data", parts[1]}});
  REQUIRE(joined.list_arguments() == Names{"x", "fc_weight", "fc_bias"});
  REQUIRE(joined.outputs()[0].node->inputs[0].output == 1);
  REQUIRE(net.list_arguments() == Names{"data", "fc_weight", "fc_bias"});
  // A variable that is itself an output becomes its replacement, of the right number.
  REQUIRE(var("x").substitute({{"x", parts[1]}}).list_outputs() == Names{"sp_output1"});
  // A replacement may hold the name it replaces.
  const Symbol nested = net.substitute({{"data", dense({{"data", var("data")}}, "fc0")}});
  REQUIRE(nested.list_arguments() ==
          Names{"data", "fc0_weight", "fc0_bias", "fc_weight", "fc_bias"});
  require_error_matches([&] { net.substitute({{"data", parts}}); },
                        "replaced by a symbol with 2 outputs");
}

TEST_CASE("each wrong composition is refused in a sentence", "[graph]") {
  const Symbol x = var("x");
  const auto refuse = [](const auto& fn, std::initializer_list<std::string_view> words) {
    require_error_matches(fn, words);
  };
  refuse([&] { make("test_dens", {x}); },
         {"There is no operator 'test_dens'.", "Did you mean 'test_dense'?"});
  refuse([&] { make("_backward_test_act", {x}); }, {"There is no operator '_backward_test_act'."});
  refuse([&] { make("test_dense", {x}, {{"num_hiden", "3"}}, "fc"); },
         {"test_dense(fc): there is no parameter 'num_hiden'.", "Did you mean 'num_hidden'?"});
  refuse([&] { make("test_act", {x}, {{"act_type", "sigmoid"}}, "a"); },
         {"test_act(a): act_type: 'sigmoid'", "one of 'relu', 'tanh'"});
  refuse([&] { make("test_act", {x, x}, {{"act_type", "relu"}}, "a"); },
         {"test_act(a): 2 inputs are given by position; the operator takes 1 (data)."});
  refuse([&] { dense({{"wieght", x}}); },
         {"test_dense(fc): there is no input 'wieght'.", "Did you mean 'weight'?",
          "The inputs are data, weight, bias."});
  refuse(
      [&] {
        const Symbol inputs[] = {x};
        compose("test_dense", {{"num_hidden", "3"}}, inputs, {{"data", x}}, "fc");
      },
      {"test_dense(fc): data is given twice, by position and by name."});
  const Symbol parts = make("test_split", {x}, {}, "sp");
  refuse([&] { make("test_act", {parts}, {{"act_type", "relu"}}, "a"); },
         {"test_act(a): data is a symbol with 2 outputs; one is expected"});
  refuse([&] { make("test_act", {Symbol()}, {{"act_type", "relu"}}, "a"); },
         {"data is a symbol with 0 outputs"});
  const Symbol state = make("test_stop", {x}, {}, "s");
  refuse([&] { make("test_norm", {x, x, state}, {}, "bn"); },
         {"test_norm(bn): mean is the output of test_stop(s)", "must be a variable"});
  refuse([] { var(""); }, {"A variable needs a name"});
}

TEST_CASE("a refused call does not change the names of later ones", "[graph]") {
  const NameManager names;
  const Symbol x = var("x");
  REQUIRE(make("test_stop", {x}).name() == "test_stop0");
  REQUIRE_THROWS_AS(make("test_stop", {x, x}), Error);
  REQUIRE_THROWS_AS(make("test_stop", {x}, {{"a", "1"}}), Error);
  REQUIRE_THROWS_AS(make("test_stop", {make("test_split", {x}, {}, "sp")}), Error);
  REQUIRE(make("test_stop", {x}).name() == "test_stop1");
}

TEST_CASE("an empty symbol says so", "[graph]") {
  REQUIRE(Symbol().is_empty());
  require_error_matches([] { (void)Symbol().attr("x"); }, "An empty symbol has no attributes");
  require_error_matches([] { Symbol().infer_shape({}); },
                        "The symbol is empty: it has no outputs.");
  require_error_matches([] { (void)Symbol().debug_str(); }, "The symbol is empty");
}

TEST_CASE("a chain of 200,000 nodes is composed, copied, listed and freed", "[graph]") {
  register_test_operators();
  Symbol chain = var("x");
  for (int i = 0; i < 200'000; ++i) {
    const Symbol input[] = {chain};
    chain = compose("test_stop", {}, input, {}, "n");
  }
  REQUIRE(chain.list_arguments() == Names{"x"});
  REQUIRE(chain.deep_copy().internals().num_outputs() == 200'001);
}

}  // namespace treadle::testing
