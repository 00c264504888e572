// What operators declare, as JSON.
#pragma once

#include <span>
#include <string>

#include "treadle/graph/op.h"

namespace treadle {

// One operator as an object: names, documentation, parameters with types, defaults and ranges,
// inputs, states, outputs, gradient. `implementations` are those on the CPU, which this layer does
// not see.
std::string operator_json(const OpRecord& op, std::span<const std::string> implementations);

}  // namespace treadle
