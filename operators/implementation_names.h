// The implementations of an operator by name, fastest first.
#pragma once

#include <string>
#include <vector>

#include "treadle/graph/op.h"
#include "treadle/operators/kernel.h"

namespace treadle {

template <DeviceKind D>
std::vector<std::string> implementation_names(const OpRecord& op) {
  std::vector<std::string> names;
  if (const auto* found = op.attributes.get<Implementations<D>>()) {
    for (const Implementation& each : found->list) names.emplace_back(each.name);
  }
  return names;
}

}  // namespace treadle
