#include <rapidjson/document.h>

#include <map>

#include "treadle/engine/profiler.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {

TEST_CASE("a trace is what Chrome and Perfetto read", "[engine][profiler]") {
  TaskTrace trace;
  trace.tasks = {{1, "Convolution", "conv \"1\"", cpu(), Lane::compute, 0, 0, 1000, 3500},
                 {2, "Copy", "", gpu(1), Lane::copy_in, 1, 500, 4000, 4100}};
  trace.dependencies = {{1, 2}, {1, 77}};
  rapidjson::Document json;
  json.Parse(trace.chrome_json().c_str());
  REQUIRE_FALSE(json.HasParseError());
  std::map<std::string, int> phases;
  for (const auto& event : json["traceEvents"].GetArray()) {
    ++phases[event["ph"].GetString()];
    REQUIRE(event.HasMember("pid"));
    REQUIRE(event.HasMember("tid"));
  }
  CHECK(phases == std::map<std::string, int>{{"X", 2}, {"s", 1}, {"f", 1}, {"M", 4}});
  const auto& first = json["traceEvents"][0];
  CHECK(first["name"].GetString() == std::string("conv \"1\""));
  CHECK(first["ts"].GetDouble() == 1);
  CHECK(first["dur"].GetDouble() == 2.5);
  CHECK(json["traceEvents"][1]["name"].GetString() == std::string("Copy"));
}

}  // namespace treadle::testing
