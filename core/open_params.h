// Parameters that only the operator itself can tell: a field of the name `all_parameters` is given
// every parameter of a call, known or not, as one text.
#pragma once

#include <string>
#include <string_view>

#include "treadle/core/reflect.h"

namespace treadle {

inline constexpr std::string_view all_parameters = "*";

// Whether names are taken that the schema does not list.
inline bool is_open(const ParamSchema& schema) { return schema.find(all_parameters) != nullptr; }

// Names and values as one text, and back.
inline std::string join_parameters(const ParamText& params) {
  std::string text;
  for (const auto& [name, value] : params) (text += name) += '\0', (text += value) += '\0';
  return text;
}
inline ParamText split_parameters(std::string_view text) {
  ParamText params;
  while (!text.empty()) {
    const size_t name = text.find('\0'), value = text.find('\0', name + 1);
    params.emplace(text.substr(0, name), text.substr(name + 1, value - name - 1));
    text.remove_prefix(value + 1);
  }
  return params;
}

}  // namespace treadle
