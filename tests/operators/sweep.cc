#include "treadle/tests/operators/sweep.h"

#include "treadle/core/error.h"

namespace treadle::testing {
namespace {

std::vector<SweepCase>& all_cases() {
  static std::vector<SweepCase> cases;
  return cases;
}

}  // namespace

const std::vector<SweepCase>& sweep_cases() { return all_cases(); }

bool add_sweep_case(SweepCase added) {
  all_cases().push_back(std::move(added));
  return true;
}

std::string describe(const SweepCase& each) {
  std::string text = each.op + "[";
  for (const auto& [name, value] : each.params) {
    text += concat(text.ends_with('[') ? "" : ", ", name, "=", value);
  }
  text += "]";
  for (const Shape& shape : each.inputs) text += " " + to_string(shape);
  return text;
}

}  // namespace treadle::testing
