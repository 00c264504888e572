#include "treadle/bindings/imperative.h"

#include <algorithm>

#include "treadle/core/error.h"
#include "treadle/core/text.h"
#include "treadle/graph/op_inputs.h"

namespace treadle {
namespace {

// A copy or conversion `made` of `array`, recorded where that is on.
Array recorded(const Array& array, Array made) {
  if (is_recording()) {
    const DType to = made.type();
    record_function(
        "copy", {&array, 1}, {&made, 1},
        [type = array.type(), device = array.device()](const auto& out_grads) {
          const Array& gradient = out_grads[0];
          return std::vector<Array>{recorded(
              gradient, gradient.type() == type ? gradient.copy(device) : gradient.as_type(type))};
        },
        {"Cast", {{"dtype", value_type<DType>().print(&to)}}});
  }
  return made;
}

}  // namespace

std::vector<Array> order_inputs(const std::string& name, const ParamText& params,
                                std::vector<Array> positional,
                                const std::map<std::string, Array>& named) {
  if (named.empty()) return positional;
  const OpRecord& op = OpRegistry::instance().get(name);
  ParamText text = params;
  if (!op.count_param.empty())
    text.emplace(op.count_param, std::to_string(positional.size() + named.size()));
  const auto parsed = op.schema.parse(text, op.name);
  std::vector<std::string> names;
  for (OpInput& input : all_inputs(op, parsed.get())) names.push_back(std::move(input.name));
  for (const auto& [given, array] : named) {
    const auto it = std::ranges::find(names, given);
    if (it == names.end()) {
      throw Error(op.name, ": there is no input '", given, "'.", did_you_mean(given, names),
                  " The inputs are ", join(names), ".");
    }
    if (size_t(it - names.begin()) < positional.size()) {
      throw Error(op.name, ": ", given, " is given twice, by position and by name.");
    }
  }
  for (size_t i = positional.size(); i < names.size(); ++i) {
    const auto it = named.find(names[i]);
    if (it == named.end()) throw Error(op.name, ": no array is given for ", names[i], ".");
    positional.push_back(it->second);
  }
  return positional;
}

Array copy_recorded(const Array& array, Device device) {
  return recorded(array, array.copy(device));
}
Array as_type_recorded(const Array& array, DType type) {
  return recorded(array, array.as_type(type));
}

}  // namespace treadle
