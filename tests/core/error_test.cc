#include "treadle/core/error.h"

#include <type_traits>

#include "treadle/tests/support/catch.h"

using namespace treadle;
using treadle::testing::error_of;

TEST_CASE("errors join their parts into one sentence", "[core]") {
  REQUIRE(std::string(Error("only one").what()) == "only one");
  REQUIRE(std::string(Error("Op(", 3, "): ", 2.5, ".").what()) == "Op(3): 2.5.");
  REQUIRE(std::string(OutOfMemory("of ", 7).what()) == "of 7");
}

TEST_CASE("a user's mistake and a bug of ours are different types", "[core]") {
  STATIC_REQUIRE(std::is_base_of_v<Error, OutOfMemory>);
  STATIC_REQUIRE(std::is_base_of_v<Error, Cancelled>);
  STATIC_REQUIRE(std::is_base_of_v<Exception, InternalError>);
  STATIC_REQUIRE_FALSE(std::is_base_of_v<Error, InternalError>);
}

TEST_CASE("a broken invariant asks for a report and names file, line and condition", "[core]") {
  const int answer = 41;
  const std::string words =
      error_of<InternalError>([&] { TREADLE_INVARIANT(answer == 42, "The answer is ", answer); });
  REQUIRE(words.find("Treadle bug: The answer is 41 (error_test.cc:") == 0);
  REQUIRE(words.find("answer == 42") != std::string::npos);
  REQUIRE(words.find("Please report it") != std::string::npos);
  REQUIRE(words.find("tests/") == std::string::npos);  // folders of the build machine stay out
  REQUIRE_NOTHROW([&] { TREADLE_INVARIANT(answer == 41, "never"); }());
}
