// What an operator looks like from outside, over all settings of its parameters: for the generated
// header, bindings and the documentation.
#pragma once

#include <string>
#include <vector>

#include "treadle/graph/op.h"

namespace treadle {

// The fullest lists of names: an input counts if some setting of the parameters has it. Outputs are
// those of the defaults.
struct OpInterface {
  std::vector<std::string> inputs, auxiliaries, outputs;
  int num_visible = 1;
};
OpInterface interface_of(const OpRecord& op);

// " At least 1.", " Between 0 and 1." or nothing.
std::string describe_range(const Range& range);

}  // namespace treadle
