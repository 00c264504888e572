// Where the largest or the smallest element lies: what argmax and its kin share.
#pragma once

#include <optional>

#include "treadle/operators/call.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle {

// `place`, as a number in its own type, = the index along the folded axis (all of data where there
// is none) of the largest element, the smallest unless `is_largest`. The first of equal ones
// counts, and NaN before all others. data must not be empty along that axis.
void arg_extreme(const Tensor& data, const Tensor& place, std::optional<int> axis, bool is_largest,
                 Request request, Pool& pool);

// States the output's shape; refuses an axis that data does not have.
void infer_arg_extreme(ShapeInference& s, std::optional<int> axis, bool keepdims);

// "" or why these arrays cannot be searched.
std::string refuse_arg_extreme(const KernelQuery& query);

}  // namespace treadle
