#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "support.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Compiles with $TREADLE_DUMP_PASSES on a folder of its own; the files' texts by name without the
// program's number.
std::map<std::string, std::string> dumped(const Symbol& net, const ProgramOptions& options) {
  const std::filesystem::path folder = std::filesystem::path(TREADLE_TEST_SCRATCH) / "passes";
  std::filesystem::remove_all(folder);
  setenv("TREADLE_DUMP_PASSES", folder.c_str(), 1);
  Program::compile(net, options);
  unsetenv("TREADLE_DUMP_PASSES");
  std::map<std::string, std::string> texts;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    texts[entry.path().filename().string().substr(5)] = {std::istreambuf_iterator<char>(file), {}};
  }
  std::filesystem::remove_all(folder);
  return texts;
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("each pass leaves its graph as text where $TREADLE_DUMP_PASSES says", "[executor]") {
  const Symbol data = Symbol::variable("data");
  const auto texts =
      dumped(data * 2.0 + data, {.shapes = {{"data", {2, 3}}}, .default_request = Request::write});
  std::vector<std::string> names;
  for (const auto& [name, text] : texts) names.push_back(name);
  CHECK(names == std::vector<std::string>{"00-symbol.txt", "01-inference.txt", "02-gradient.txt",
                                          "03-simplification.txt", "04-recompute.txt",
                                          "05-placement.txt", "06-schedule.txt",
                                          "07-memory-plan.txt"});
  CHECK_FALSE(holds(texts.at("00-symbol.txt"), "float32"));
  CHECK(holds(texts.at("01-inference.txt"), "%0 = variable 'data' : float32(2, 3)"));
  CHECK_FALSE(holds(texts.at("01-inference.txt"), "head gradient"));
  CHECK(holds(texts.at("02-gradient.txt"), "head gradient"));
  CHECK(holds(texts.at("07-memory-plan.txt"), "memory: planned"));
}

TEST_CASE("a folder for dumps that cannot be made is an error", "[executor]") {
  setenv("TREADLE_DUMP_PASSES", "/dev/null/passes", 1);
  require_error_matches(
      [] { Program::compile(Symbol::variable("x") + 1.0, {.shapes = {{"x", {1}}}}); },
      {"TREADLE_DUMP_PASSES: '/dev/null/passes/", "cannot be written"});
  unsetenv("TREADLE_DUMP_PASSES");
}
