#include "treadle/core/value_type.h"

#include <cmath>
#include <limits>

#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

enum class Colour { red, green, dark_blue };
EnumNames describe(Colour) { return enum_names("Colour", "red", "green", "dark_blue"); }

template <class T>
T parsed(std::string_view text) {
  T value{};
  value_type<T>().parse(text, &value);
  return value;
}
template <class T>
std::string printed(const T& value) {
  return value_type<T>().print(&value);
}
template <class T>
void refuse(std::string_view text, std::string_view words) {
  CAPTURE(std::string(text));
  require_error_matches([&] { parsed<T>(text); }, words);
}

}  // namespace

TEST_CASE("integers are read in every form that files have", "[core]") {
  REQUIRE(parsed<int>("42") == 42);
  REQUIRE(parsed<int>(" -7 ") == -7);
  REQUIRE(parsed<int>("+7") == 7);
  REQUIRE(parsed<int>("3L") == 3);
  REQUIRE(parsed<int64_t>("9223372036854775807") == std::numeric_limits<int64_t>::max());
  REQUIRE(printed(int64_t(-5)) == "-5");
  refuse<int>("2147483648", "'2147483648' does not fit 32 bits");
  for (const char* text : {"", "L", "3.0", "x", "3 4", "+-5", "0x10", "--1"}) {
    refuse<int>(text, "is not an integer");
  }
}

TEST_CASE("real numbers are read, and printed with the fewest digits that give them back",
          "[core]") {
  REQUIRE(parsed<float>("0.1") == 0.1f);
  REQUIRE(parsed<double>("1e-5") == 1e-5);
  REQUIRE(parsed<double>("+2.5") == 2.5);
  REQUIRE(parsed<float>("1e400") == std::numeric_limits<float>::infinity());
  REQUIRE(parsed<double>("1e-400") == 0);
  REQUIRE(std::isnan(parsed<double>("nan")));
  REQUIRE(parsed<double>("-inf") == -std::numeric_limits<double>::infinity());
  REQUIRE(printed(0.1f) == "0.1");
  REQUIRE(printed(0.1) == "0.1");
  REQUIRE(printed(1.0f / 3) == "0.33333334");
  REQUIRE(printed(1e-10) == "1e-10");
  REQUIRE(printed(std::numeric_limits<float>::infinity()) == "inf");
  for (const char* text : {"", "abc", "1.2.3", "+-1", "1 2"})
    refuse<double>(text, "is not a number");
}

TEST_CASE("truth values are read in every form that files have", "[core]") {
  for (const char* text : {"True", "true", "1", " TRUE "}) REQUIRE(parsed<bool>(text));
  for (const char* text : {"False", "false", "0"}) REQUIRE_FALSE(parsed<bool>(text));
  REQUIRE(printed(true) == "True");
  REQUIRE(printed(false) == "False");
  refuse<bool>("yes", "'yes' is neither True nor False");
  refuse<bool>("2", "'2' is neither True nor False");
}

TEST_CASE("tuples are read in every form that files have", "[core]") {
  for (const char* text :
       {"(3, 4)", "(3,4)", "[3, 4]", " ( 3 , 4 ) ", "(3L, 4L)", "3, 4", "(3, 4,)"}) {
    CAPTURE(text);
    REQUIRE(parsed<Shape>(text) == Shape{3, 4});
  }
  REQUIRE(parsed<Shape>("5") == Shape{5});
  REQUIRE(parsed<Shape>("(5,)") == Shape{5});
  REQUIRE(parsed<Shape>("()") == Shape{});
  REQUIRE(parsed<Shape>("(-1, 0)") == Shape{-1, 0});
  REQUIRE(printed(Shape{3, 4}) == "(3, 4)");
  refuse<Shape>("(3, 4", "'(3, 4' lacks its closing bracket");
  refuse<Shape>("(3, 4]", "lacks its closing bracket");
  refuse<Shape>("(", "lacks its closing bracket");
  refuse<Shape>("(3,,4)", "'' is not an integer");
  refuse<Shape>("(a)", "'a' is not an integer");
  REQUIRE(parsed<std::vector<double>>("(0.5, 1)") == std::vector<double>{0.5, 1});
  REQUIRE(printed(std::vector<double>{0.5}) == "(0.5,)");
  REQUIRE(printed(std::vector<double>{}) == "()");
}

TEST_CASE("enums know their values by name", "[core]") {
  REQUIRE(parsed<Colour>("dark_blue") == Colour::dark_blue);
  REQUIRE(printed(Colour::green) == "green");
  REQUIRE(value_type<Colour>().choices == std::vector<std::string>{"red", "green", "dark_blue"});
  REQUIRE(value_type<Colour>().name == "one of 'red', 'green', 'dark_blue'");
  REQUIRE(value_type<Colour>().cpp_name == "Colour");
  refuse<Colour>("Red", "'Red' is none of its values");
}

TEST_CASE("optional values know None", "[core]") {
  using MaybeInt = std::optional<int>;
  REQUIRE_FALSE(parsed<MaybeInt>("None"));
  REQUIRE(parsed<MaybeInt>("4") == 4);
  MaybeInt value = 3;
  value_type<MaybeInt>().parse("None", &value);
  REQUIRE_FALSE(value);
  REQUIRE(printed(MaybeInt()) == "None");
  REQUIRE(printed(MaybeInt(8)) == "8");
  REQUIRE(value_type<MaybeInt>().numbers(&value).empty());
  REQUIRE(value_type<MaybeInt>().name == "int or None");
  REQUIRE(value_type<MaybeInt>().is_optional);
  refuse<MaybeInt>("none", "'none' is not an integer");
  REQUIRE(value_type<std::optional<Colour>>().choices.size() == 3);
}

TEST_CASE("element types and text are parameters too", "[core]") {
  REQUIRE(parsed<DType>("float16") == DType::f16);
  REQUIRE(printed(DType::i8) == "int8");
  refuse<DType>("float", "'float' is no element type");
  REQUIRE(parsed<std::string>(" as it is ") == " as it is ");
}

}  // namespace treadle::testing
