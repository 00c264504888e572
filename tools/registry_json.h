// All registered operators as JSON.
#pragma once

#include <string>

namespace treadle {

// A list with one object per operator: names, documentation, parameters with types, defaults and
// ranges, inputs, states, outputs, gradient, implementations.
std::string registry_json();

}  // namespace treadle
