// Python's slices: begin, end and step per axis, each of which may be None.
#pragma once

#include <optional>
#include <vector>

#include "treadle/graph/inference.h"
#include "treadle/operators/shape/moved.h"

namespace treadle {

// One number per axis, of the first axes; None where Python's slice leaves it out.
using SliceIndices = std::vector<std::optional<int64_t>>;

struct SliceRange {
  SliceIndices begin, end, step;
};

// The extents that are left of `data`; 0 for an axis that is not known. Refuses a step of 0 and
// tuples of different length or longer than data has axes.
Shape sliced_shape(const ShapeInference& s, const SliceRange& range, const Shape& data);
// Where the elements of the slice lie in an array of shape `data`.
ops::Moved sliced(const SliceRange& range, const Shape& data);

}  // namespace treadle
