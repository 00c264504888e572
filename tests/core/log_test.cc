#include "treadle/core/log.h"

#include <stdexcept>
#include <string>
#include <vector>

#include "treadle/tests/support/catch.h"

using namespace treadle;

TEST_CASE("warnings go to the sink in force, which can be put back", "[core]") {
  std::vector<std::string> first, second;
  const LogSink before = set_log_sink([&](std::string_view text) { first.emplace_back(text); });
  log_warning("one");
  const LogSink old = set_log_sink([&](std::string_view text) {
    second.emplace_back(text);
    if (text == "two") log_warning("a sink may warn");
  });
  log_warning("two");
  old("three");
  REQUIRE(first == std::vector<std::string>{"one", "three"});
  REQUIRE(second == std::vector<std::string>{"two", "a sink may warn"});
  set_log_sink([](std::string_view) { throw std::runtime_error("no room"); });
  REQUIRE_NOTHROW(log_warning("a sink that fails stops nothing"));
  set_log_sink(before);
}
