// The example in docs/adding-an-operator.md is the operator's real file.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

std::string read_file(const std::string& path_from_root) {
  const auto root = std::filesystem::path(TREADLE_TEST_DATA) / ".." / ".." / "..";
  std::ifstream file((root / path_from_root).lexically_normal());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("the documented example of an operator is its file", "[operators][docs]") {
  const std::string page = read_file("docs/adding-an-operator.md");
  const std::string source = read_file("operators/elementwise/negative.op.cc");
  REQUIRE(source.size() > 100);
  const size_t begin = page.find("```cpp\n") + 7;
  REQUIRE(page.substr(begin, page.find("```", begin) - begin) == source);
}

}  // namespace treadle::testing
