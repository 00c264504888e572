// Which axes a reduction folds, and what shape is left.
#pragma once

#include <optional>

#include "treadle/graph/inference.h"

namespace treadle {

// `data` with extent 1 for every folded axis: those of `axis`, with `exclude` all others, and all
// where none is given. The axes have been checked.
Shape kept_shape(const std::optional<Shape>& axis, bool exclude, const Shape& data);

// States the output's shape from that of the input; refuses axes out of range or given twice.
void infer_reduced_shape(ShapeInference& s, const std::optional<Shape>& axis, bool keepdims,
                         bool exclude, Slot output = out(0));

// `axis` counted from the first; refuses one that `ndim` axes do not have, naming the parameter.
int checked_axis(const ShapeInference& s, std::string_view parameter, int64_t axis,
                 const Shape& shape);

}  // namespace treadle
