// docs/operators.md is made from what the operators declare, here: the test fails where the page is
// old, and `TREADLE_WRITE_PAGES=1 build/dev/tests/test_operators [page]` writes it anew.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "treadle/core/text.h"
#include "treadle/operators/type_set.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/operators/sweep.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

namespace fs = std::filesystem;

fs::path root() { return (fs::path(TREADLE_TEST_DATA) / ".." / ".." / "..").lexically_normal(); }

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// Texts of the operators' files by path from the root.
std::map<std::string, std::string> sources() {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(root() / "operators")) {
    if (!entry.path().string().ends_with(".op.cc")) continue;
    found[fs::relative(entry.path(), root()).string()] = read_file(entry.path());
  }
  return found;
}

// "name first release".
std::map<std::string, std::string> versions() {
  std::map<std::string, std::string> found;
  std::ifstream file(root() / "docs" / "operator-versions.txt");
  std::string line, name, version;
  while (std::getline(file, line)) {
    if (line.starts_with('#')) continue;
    std::istringstream words(line);
    if (words >> name >> version) found[name] = version;
  }
  return found;
}

const SweepCase* first_case(const OpRecord& op) {
  const auto& cases = sweep_cases();
  const auto it = std::ranges::find_if(
      cases, [&](const SweepCase& each) { return each.op == op.name && !each.is_large; });
  return it == cases.end() ? nullptr : &*it;
}

// Whether some implementation takes the arrays of the case in `type`.
bool takes(const SweepCase& each, DType type) {
  try {
    const OpRunner runner(each.op, each.params, each.inputs, type);
    std::vector<TensorSpec> inputs, outputs;
    for (size_t i = 0; i < runner.input_names().size(); ++i)
      inputs.push_back(runner.input_spec(int(i)));
    for (int i = 0; i < runner.num_outputs(); ++i) outputs.push_back(runner.output_spec(i));
    const std::vector<Request> requests(outputs.size(), Request::write);
    const auto params = runner.op().schema.parse(each.params, each.op);
    choose_kernel(runner.op(),
                  {.device = cpu(),
                   .params = params.get(),
                   .inputs = inputs,
                   .outputs = outputs,
                   .requests = requests},
                  each.op);
    return true;
  } catch (const Error&) {
    return false;
  }
}

std::string types_of(const OpRecord& op) {
  const SweepCase* each = first_case(op);
  if (!each) return "any";  // it says itself: Custom
  constexpr std::pair<DType, const char*> all[] = {
      {DType::f32, "f32"},   {DType::f64, "f64"}, {DType::f16, "f16"},
      {DType::bf16, "bf16"}, {DType::u8, "u8"},   {DType::i8, "i8"},
      {DType::i32, "i32"},   {DType::i64, "i64"}, {DType::boolean, "bool"}};
  std::vector<std::string> taken;
  for (const auto& [type, name] : all) {
    if (takes(*each, type)) taken.push_back(name);
  }
  return join(taken, " ");
}

std::string gradient_of(const OpRecord& op) {
  switch (op.gradient_kind) {
    case GradientKind::none: return "no";
    case GradientKind::zero: return "0";
    default: return "yes";
  }
}

bool runs_in_place(const OpRecord& op) {
  const SweepCase* each = first_case(op);
  if (!op.may_share || !each) return false;
  const auto params = op.schema.parse(each->params, op.name);
  return !op.may_share(params.get()).empty();
}

// "`Pad((1, 1, 2, 7), mode=edge, pad_width=(0, 0, 0, 0, 1, 1, 1, 1))`".
std::string example_of(const OpRecord& op) {
  const SweepCase* each = first_case(op);
  if (!each) return "";
  std::vector<std::string> arguments;
  for (const Shape& shape : each->inputs) arguments.push_back(to_string(shape));
  for (const auto& [name, value] : each->params) arguments.push_back(concat(name, "=", value));
  return concat("`", op.name, "(", join(arguments), ")`");
}

int64_t median_lines(const std::map<std::string, std::string>& files) {
  std::vector<int64_t> lines;
  for (const auto& [path, text] : files) lines.push_back(std::ranges::count(text, '\n'));
  std::ranges::sort(lines);
  return lines[lines.size() / 2];
}

std::string make_page() {
  const auto files = sources();
  const auto first = versions();
  std::ostringstream page;
  page << "# Operators\n\n"
          "Made from what the operators declare by tests/operators/operators_page_test.cc, which\n"
          "fails where this page is old and says how to write it anew.\n\n"
          "MXNet: the release that had one of the names first. Types: what the CPU's kernels took "
          "when they were asked, with the first sweep case. In place: an output may lie in the "
          "memory of an input. "
          "Example: that case, with the shapes of its first inputs; the sweep runs it.\n"
          "An operator's file has "
       << median_lines(files)
       << " lines in the median, its registration, documentation, shapes and gradient included.\n\n"
          "| operator | MXNet | types | CPU | CUDA | gradient | in place | example |\n"
          "|---|---|---|---|---|---|---|---|\n";
  for (const OpRecord* op : OpRegistry::instance().all()) {
    if (op->name.starts_with("test_")) continue;
    const std::string quoted = concat("name = \"", op->name, "\"");
    auto file = std::ranges::find_if(
        files, [&](const auto& each) { return each.second.find(quoted) != std::string::npos; });
    if (file == files.end()) {
      file = std::ranges::find_if(files, [&](const auto& each) {
        return each.second.find(concat("\"", op->name, "\"")) != std::string::npos;
      });
    }
    INFO(op->name);
    REQUIRE(file != files.end());
    std::vector<std::string> names{op->name};
    names.insert(names.end(), op->aliases.begin(), op->aliases.end());
    std::string version = "later";
    for (const std::string& name : names) {
      if (const auto it = first.find(name); it != first.end())
        version = version == "later" ? it->second : std::min(version, it->second);
    }
    std::vector<std::string> implementations;
    if (const auto* list = op->attributes.get<Implementations<DeviceKind::cpu>>()) {
      for (const Implementation& each : list->list) implementations.push_back(each.name);
    }
    const bool has_cuda = file->second.find("TREADLE_CUDA_SHARED") != std::string::npos;
    page << "| [" << op->name << "](../" << file->first << ")";
    for (const std::string& alias : op->aliases) page << "<br>" << alias;
    page << " | " << version << " | " << types_of(*op) << " | " << join(implementations) << " | "
         << (has_cuda ? "yes" : "no") << " | " << gradient_of(*op) << " | "
         << (runs_in_place(*op) ? "yes" : "no") << " | " << example_of(*op) << " |\n";
  }
  return page.str();
}

}  // namespace

TEST_CASE("the page of operators says what they declare", "[operators][docs][page]") {
  const auto* list =
      OpRegistry::instance().get("Convolution").attributes.get<Implementations<DeviceKind::cpu>>();
  if (list->list.size() < 2) return;  // built without oneDNN: the page names its kernels
  const fs::path path = root() / "docs" / "operators.md";
  const std::string page = make_page();
  if (std::getenv("TREADLE_WRITE_PAGES") != nullptr) std::ofstream(path) << page;
  INFO("write it by TREADLE_WRITE_PAGES=1 build/dev/tests/test_operators [page]");
  const bool is_fresh = read_file(path) == page;
  REQUIRE(is_fresh);
}

}  // namespace treadle::testing
