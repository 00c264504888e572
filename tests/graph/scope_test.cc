#include "treadle/graph/scope.h"

#include <thread>

#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

std::string next_name(std::string_view op = "test_stop") {
  return make(op, {Symbol::variable("x")}).name();
}

}  // namespace

TEST_CASE("nodes without a name are counted by operator", "[graph]") {
  register_test_operators();
  const NameManager names;
  REQUIRE(next_name() == "test_stop0");
  REQUIRE(next_name() == "test_stop1");
  REQUIRE(next_name("test_opaque") == "test_opaque0");
  // An alias is named as it was called, in lower case.
  const Symbol x = Symbol::variable("x");
  REQUIRE(make("_Test_Plus", {x, x}).name() == "_test_plus0");
  REQUIRE(make("test_stop", {x}, {}, "given").name() == "given");
  REQUIRE(next_name() == "test_stop2");
}

TEST_CASE("a name manager counts anew until it ends", "[graph]") {
  const NameManager outer;
  REQUIRE(next_name() == "test_stop0");
  {
    const NameManager inner;
    REQUIRE(next_name() == "test_stop0");
  }
  REQUIRE(next_name() == "test_stop1");
}

TEST_CASE("a prefix is put before every name, given ones too", "[graph]") {
  const NameManager outer;
  const Symbol x = Symbol::variable("x");
  {
    const Prefix prefix("net_");
    REQUIRE(next_name() == "net_test_stop0");
    const Symbol fc = make("test_dense", {x}, {{"num_hidden", "2"}}, "fc");
    REQUIRE(fc.name() == "net_fc");
    REQUIRE(fc.list_arguments() == std::vector<std::string>{"x", "net_fc_weight", "net_fc_bias"});
  }
  REQUIRE(next_name() == "test_stop0");
}

TEST_CASE("scopes belong to their thread", "[graph]") {
  register_test_operators();
  const Prefix prefix("here_");
  const AttrScope scope({{"group", "1"}});
  std::string name;
  Attributes attributes;
  std::thread([&] {
    const NameManager names;
    const Symbol made = make("test_stop", {Symbol::variable("x")});
    name = made.name();
    attributes = made.list_attr();
  }).join();
  REQUIRE(name == "test_stop0");
  REQUIRE(attributes.empty());
}

}  // namespace treadle::testing
