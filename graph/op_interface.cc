#include "treadle/graph/op_interface.h"

#include <algorithm>
#include <cmath>
#include "treadle/core/open_params.h"

namespace treadle {
namespace {

// A legal value for a parameter without a default, so that the operator can be asked for its
// inputs.
std::string some_value(const ParamField& field) {
  if (!field.type->choices.empty()) return field.type->choices[0];
  if (field.type->name.starts_with("tuple")) return "(1, 1)";
  if (field.type->name.starts_with("bool")) return "False";
  if (field.type->name.starts_with("element")) return "float32";
  return std::isfinite(field.range.low) ? concat(field.range.low + field.range.low_open) : "1";
}

// Parameter sets that between them show every input: the defaults, and each switch thrown.
std::vector<ParamText> variations(const OpRecord& op) {
  ParamText base;
  for (const ParamField& field : op.schema.fields()) {
    if (field.required) base[field.name] = some_value(field);
  }
  std::vector<ParamText> made{base};
  for (const ParamField& field : op.schema.fields()) {
    std::vector<std::string> values = field.type->choices;
    if (field.type->cpp_name == "bool") values = {"True", "False"};
    for (const std::string& value : values) {
      made.push_back(base);
      made.back()[field.name] = value;
    }
  }
  return made;
}

}  // namespace

OpInterface interface_of(const OpRecord& op) {
  OpInterface made;
  const auto merge = [](std::vector<std::string>& into, const std::vector<std::string>& names) {
    for (const std::string& name : names) {
      if (std::ranges::count(into, name) == 0) into.push_back(name);
    }
  };
  if (is_open(op.schema)) return made;  // its parameters alone say what it has
  for (const ParamText& text : variations(op)) {
    const auto params = op.schema.parse(text, op.name);
    merge(made.inputs, op.inputs(params.get()));
    merge(made.auxiliaries, op.auxiliaries(params.get()));
    if (!made.outputs.empty()) continue;
    made.outputs = op.outputs(params.get());
    made.num_visible = op.num_visible(params.get());
  }
  return made;
}

std::string describe_range(const Range& range) {
  const bool has_low = std::isfinite(range.low), has_high = std::isfinite(range.high);
  if (has_low && has_high) return concat(" Between ", range.low, " and ", range.high, ".");
  if (has_low) return concat(range.low_open ? " Above " : " At least ", range.low, ".");
  return has_high ? concat(" At most ", range.high, ".") : std::string();
}

}  // namespace treadle
