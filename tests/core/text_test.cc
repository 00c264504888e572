#include "treadle/core/text.h"

#include "treadle/tests/support/catch.h"

using namespace treadle;

TEST_CASE("the nearest word is found when it may be a slip", "[core]") {
  const std::vector<std::string> words = {"kernel", "stride", "dilate", "pad", "num_filter"};
  REQUIRE(nearest("kernal", words) == "kernel");
  REQUIRE(nearest("KERNEL", words) == "kernel");
  REQUIRE(nearest("num_filters", words) == "num_filter");
  REQUIRE(nearest("pda", words).empty());  // two of three letters: too far
  REQUIRE(nearest("pads", words) == "pad");
  REQUIRE(nearest("mood", words).empty());
  REQUIRE(nearest("", words).empty());
  REQUIRE(nearest("kernel", {}).empty());
  REQUIRE(did_you_mean("strid", words) == " Did you mean 'stride'?");
  REQUIRE(did_you_mean("colour", words).empty());
}

TEST_CASE("words are joined, trimmed and lowered", "[core]") {
  const std::vector<std::string> words = {"a", "b", "c"};
  REQUIRE(join(words) == "a, b, c");
  REQUIRE(join(words, "/") == "a/b/c");
  REQUIRE(join({}).empty());
  const std::vector<std::string> with_empty = {"", "b"};
  REQUIRE(join(with_empty) == ", b");
  REQUIRE(trim(" \t a b\r\n") == "a b");
  REQUIRE(trim("   ").empty());
  REQUIRE(to_lower("FullyConnected") == "fullyconnected");
}
