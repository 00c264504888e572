// Imperative work as callers of other languages put it: inputs by name, copies that are recorded.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "treadle/executor/autograd.h"
#include "treadle/executor/imperative.h"

namespace treadle {

// The inputs of operator `name` in its order: positional ones first, then those given by its names
// for them. Throws Error for a name that is none, one given twice and one left out.
std::vector<Array> order_inputs(const std::string& name, const ParamText& params,
                                std::vector<Array> positional,
                                const std::map<std::string, Array>& named);

// Array::copy and Array::as_type, recorded where that is on.
Array copy_recorded(const Array& array, Device device);
Array as_type_recorded(const Array& array, DType type);

}  // namespace treadle
