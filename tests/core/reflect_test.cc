#include "treadle/core/reflect.h"

#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

enum class Kind { max, avg };
EnumNames describe(Kind) { return enum_names("Kind", "max", "avg"); }

struct Params {
  int count = 0;
  Shape kernel = {1, 1};
  float rate = 0.5f;
  Kind kind = Kind::max;
  std::optional<int> axis;
  bool flag = true;
  static constexpr auto fields = reflect(
      field("count", &Params::count, required, at_least(1), "How many."),
      field("kernel", &Params::kernel, above(0), "The window."),
      field("rate", &Params::rate, between(0, 1), "The share."),
      field("kind", &Params::kind, "Which."), field("axis", &Params::axis, at_least(-1), "Where."),
      field("flag", &Params::flag, "Whether."));
};

const ParamSchema& schema() {
  static const ParamSchema made = make_schema<Params>();
  return made;
}

std::shared_ptr<const Params> parse(const ParamText& text) {
  return std::static_pointer_cast<const Params>(schema().parse(text, "Op(node)"));
}

void refuse(const ParamText& text, std::string_view sentence) {
  REQUIRE(error_of([&] { parse(text); }) == sentence);
}

}  // namespace

TEST_CASE("a schema lists the fields with documentation, type and default", "[core]") {
  REQUIRE(schema().fields().size() == 6);
  const ParamField* count = schema().find("count");
  REQUIRE(count->required);
  REQUIRE(count->default_text.empty());
  REQUIRE(count->doc == "How many.");
  REQUIRE(count->type->name == "int");
  REQUIRE(schema().find("kernel")->default_text == "(1, 1)");
  REQUIRE(schema().find("kind")->default_text == "max");
  REQUIRE(schema().find("axis")->default_text == "None");
  REQUIRE(schema().find("flag")->default_text == "True");
  REQUIRE(schema().find("colour") == nullptr);
}

TEST_CASE("parameters are read from text; what is not given keeps its default", "[core]") {
  const auto params = parse({{"count", "3"}, {"kind", "avg"}, {"axis", "2"}, {"flag", "0"}});
  REQUIRE(params->count == 3);
  REQUIRE(params->kernel == Shape{1, 1});
  REQUIRE(params->rate == 0.5f);
  REQUIRE(params->kind == Kind::avg);
  REQUIRE(params->axis == 2);
  REQUIRE_FALSE(params->flag);
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  REQUIRE(schema().print(params.get()) == Pairs{{"count", "3"},
                                                {"kernel", "(1, 1)"},
                                                {"rate", "0.5"},
                                                {"kind", "avg"},
                                                {"axis", "2"},
                                                {"flag", "False"}});
}

TEST_CASE("each wrong parameter is refused in a sentence", "[core]") {
  refuse({},
         "Op(node): the parameter count (int) is missing; it has no default, give it when the "
         "symbol is made.");
  refuse(
      {{"count", "3"}, {"kernal", "(2, 2)"}},
      "Op(node): there is no parameter 'kernal'. Did you mean 'kernel'? The parameters are count, "
      "kernel, rate, kind, axis, flag.");
  refuse({{"count", "many"}}, "Op(node): count: 'many' is not an integer; expected int.");
  refuse({{"count", "0"}}, "Op(node): count is 0; at least 1 is expected.");
  refuse({{"count", "1"}, {"kernel", "(2, 0)"}},
         "Op(node): kernel is (2, 0); above 0 is expected.");
  refuse({{"count", "1"}, {"rate", "1.5"}}, "Op(node): rate is 1.5; between 0 and 1 is expected.");
  refuse({{"count", "1"}, {"rate", "nan"}}, "Op(node): rate is nan; between 0 and 1 is expected.");
  refuse({{"count", "1"}, {"axis", "-2"}}, "Op(node): axis is -2; at least -1 is expected.");
  refuse({{"count", "1"}, {"kind", "agv"}},
         "Op(node): kind: 'agv' is none of its values; expected one of 'max', 'avg'.");
  refuse({{"count", "1"}, {"kind", "maxi"}},
         "Op(node): kind: 'maxi' is none of its values; expected one of 'max', 'avg'. Did you mean "
         "'max'?");
  REQUIRE(parse({{"count", "1"}, {"axis", "None"}})->axis == std::nullopt);
}

TEST_CASE("an operator without parameters says so", "[core]") {
  REQUIRE(error_of([] { ParamSchema().parse({{"a", "1"}}, "Op"); }) ==
          "Op: there is no parameter 'a'. The operator has no parameters.");
  REQUIRE_NOTHROW(ParamSchema().parse({}, "Op"));
}

}  // namespace treadle::testing
