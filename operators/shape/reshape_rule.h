// The little language of Reshape's `shape` parameter.
#pragma once

#include "treadle/core/shape.h"

namespace treadle {

// The shape that `codes` make of `data` (no extent of which needs to be known: what depends on an
// unknown one is 0), read from the first axis, or from the last if `reverse`:
//   n > 0  an axis of n elements         0  the axis of data in this place
//   -1     what is left (once)          -2  all axes of data that are left
//   -3     the product of two axes      -4  one axis of data split into the next two codes, one of
//                                           which may be -1 (with `reverse` they stand before it)
// Throws Error with a clause that says what is wrong, without naming the operator.
Shape apply_reshape(const Shape& codes, const Shape& data, bool reverse);

}  // namespace treadle
