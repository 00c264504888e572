#include "treadle/graph/scope.h"
#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

Symbol dense(const std::map<std::string, Symbol>& named, const Attributes& attributes = {}) {
  register_test_operators();
  return compose("test_dense", {{"num_hidden", "1"}}, {}, named, "conv", attributes);
}

}  // namespace

TEST_CASE("attributes are copied to variables made automatically", "[graph]") {
  const Symbol data = Symbol::variable("data", {{"mood", "angry"}});
  const Symbol op = dense({{"data", data}}, {{"mood", "so so"}});
  REQUIRE(data.attr("mood") == "angry");
  REQUIRE(op.list_attr() == Attributes{{"mood", "so so"}});
  REQUIRE(op.list_attr(true) == Attributes{{"data_mood", "angry"},
                                           {"conv_mood", "so so"},
                                           {"conv_weight_mood", "so so"},
                                           {"conv_bias_mood", "so so"}});
}

TEST_CASE("attributes are not copied to variables given", "[graph]") {
  const Symbol weight = Symbol::variable("crazy_weight", {{"size", "5"}});
  const Symbol data = Symbol::variable("data", {{"mood", "angry"}});
  const Symbol op = dense({{"data", data}, {"weight", weight}}, {{"mood", "so so"}});
  REQUIRE(op.list_attr(true) == Attributes{{"conv_mood", "so so"},
                                           {"conv_bias_mood", "so so"},
                                           {"crazy_weight_size", "5"},
                                           {"data_mood", "angry"}});
}

TEST_CASE("attribute scopes apply to all that is made in them, the inner ones first", "[graph]") {
  const Symbol data = Symbol::variable("data");
  Symbol fc1, fc2, scoped, own;
  {
    const AttrScope outer({{"group", "4"}, {"data", "great"}});
    fc1 = make("test_act", {data}, {{"act_type", "relu"}});
    {
      const AttrScope inner({{"init_bias", "0.0"}, {"group", "5"}});
      fc2 = make("test_dense", {fc1}, {{"num_hidden", "10"}}, "fc2");
      scoped = Symbol::variable("scoped");
      own = Symbol::variable("own", {{"group", "6"}});
    }
    REQUIRE(Symbol::variable("after").attr("group") == "4");
  }
  REQUIRE(data.list_attr().empty());
  REQUIRE(fc1.attr("data") == "great");
  REQUIRE(fc1.attr("group") == "4");
  REQUIRE(fc2.attr("data") == "great");
  REQUIRE(fc2.attr("init_bias") == "0.0");
  REQUIRE(fc2.attr("group") == "5");
  REQUIRE(fc2.attr_dict().at("fc2_weight").at("init_bias") == "0.0");
  REQUIRE(scoped.attr("group") == "5");
  REQUIRE(own.attr("group") == "6");
  REQUIRE(Symbol::variable("outside").list_attr().empty());
}

TEST_CASE("parameters show in attr and attr_dict, not in list_attr", "[graph]") {
  const Symbol op = dense({}, {{"__lr_mult__", "0.1"}});
  REQUIRE(op.attr("num_hidden") == "1");
  REQUIRE_FALSE(op.attr("no_bias"));  // not given
  REQUIRE(op.list_attr() == Attributes{{"__lr_mult__", "0.1"}});
  const auto all = op.attr_dict();
  REQUIRE(all.at("conv") == Attributes{{"__lr_mult__", "0.1"}, {"num_hidden", "1"}});
  REQUIRE(all.at("conv_weight") == Attributes{{"__lr_mult__", "0.1"}});
  REQUIRE_FALSE(dense({}).attr_dict().contains("conv_weight"));
}

TEST_CASE("an initialiser given to a node wins over the operator's own", "[graph]") {
  const Symbol op = make("test_norm", {Symbol::variable("x")}, {}, "bn", {{"__init__", "mine"}});
  REQUIRE(op.attr_dict().at("bn_var").at("__init__") == "mine");
}

TEST_CASE("attributes can be set on a symbol of one node", "[graph]") {
  Symbol x = Symbol::variable("x");
  x.set_attr("mood", "calm");
  x.set_attr("mood", "angry");
  REQUIRE(x.attr("mood") == "angry");
  REQUIRE_FALSE(x.attr("none"));
  REQUIRE_THROWS_AS(Symbol().set_attr("a", "b"), Error);
}

}  // namespace treadle::testing
