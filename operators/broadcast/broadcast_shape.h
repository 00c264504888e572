// The shape that two arrays have once both are repeated along their axes of extent 1.
#pragma once

#include <string_view>

#include "treadle/graph/inference.h"

namespace treadle {

// States the output's shape from those of inputs 0 and 1, aligned at the last axis; refuses axes
// that differ and are not 1.
void infer_broadcast_shape(ShapeInference& s);

// Refuses to repeat the first input, of shape `from`, to shape `to` of as many axes where an extent
// is neither equal nor 1 (nor unknown); `stated_by` says who wants `to`.
void check_broadcast(ShapeInference& s, const Shape& from, const Shape& to,
                     std::string_view stated_by);

}  // namespace treadle
