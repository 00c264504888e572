#include "treadle/core/reflect.h"

#include <algorithm>
#include <cmath>

#include "treadle/core/open_params.h"
#include "treadle/core/text.h"

namespace treadle {
namespace {

std::string describe_range(const Range& range) {
  const std::string low = concat(range.low_open ? "above " : "at least ", range.low);
  if (std::isinf(range.high)) return low;
  if (std::isinf(range.low)) return concat("at most ", range.high);
  return concat("between ", range.low, " and ", range.high);
}

void check_range(const ParamField& field, const void* value, std::string_view who) {
  for (double number : field.type->numbers(value)) {
    const bool low_ok = field.range.low_open ? number > field.range.low : number >= field.range.low;
    if (low_ok && number <= field.range.high) continue;
    throw Error(who, ": ", field.name, " is ", field.type->print(value), "; ",
                describe_range(field.range), " is expected.");
  }
}

}  // namespace

const ParamField* ParamSchema::find(std::string_view name) const {
  const auto it = std::ranges::find(fields_, name, &ParamField::name);
  return it == fields_.end() ? nullptr : &*it;
}

std::shared_ptr<const void> ParamSchema::parse(const ParamText& text, std::string_view who) const {
  const ParamField* rest = find(all_parameters);
  for (const auto& [name, value] : text) {
    if (rest || find(name)) continue;
    std::vector<std::string> names;
    for (const ParamField& field : fields_) names.push_back(field.name);
    throw Error(who, ": there is no parameter '", name, "'.", did_you_mean(name, names),
                names.empty() ? std::string(" The operator has no parameters.")
                              : concat(" The parameters are ", join(names), "."));
  }
  std::shared_ptr<void> params = make_();
  for (const ParamField& field : fields_) {
    if (&field == rest) continue;
    const auto given = text.find(field.name);
    if (given == text.end()) {
      if (!field.required) continue;
      throw Error(who, ": the parameter ", field.name, " (", field.type->name,
                  ") is missing; it has no default, give it when the symbol is made.");
    }
    void* value = static_cast<char*>(params.get()) + field.offset;
    try {
      field.type->parse(given->second, value);
    } catch (const Error& error) {
      throw Error(who, ": ", field.name, ": ", error.what(), "; expected ", field.type->name, ".",
                  did_you_mean(given->second, field.type->choices));
    }
    check_range(field, value, who);
  }
  if (rest) {
    try {
      rest->type->parse(join_parameters(text), static_cast<char*>(params.get()) + rest->offset);
    } catch (const Error& error) {
      throw Error(who, ": ", error.what());
    }
  }
  return params;
}

std::vector<std::pair<std::string, std::string>> ParamSchema::print(const void* params) const {
  std::vector<std::pair<std::string, std::string>> text;
  for (const ParamField& field : fields_) {
    text.emplace_back(field.name, field.type->print(field.in(params)));
  }
  return text;
}

}  // namespace treadle
