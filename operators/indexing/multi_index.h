// Indices of several axes at once, (axis, ...): what gather_nd, scatter_nd and their kin share.
#pragma once

#include <string_view>

#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle {

// For each column of `indices` the row-major number of the slice that it names in an array of
// `shape`: indices[k] counts along axis k, negative ones from its end. One out of range is an Error
// that begins with `op`.
std::vector<int64_t> slice_numbers(const Tensor& indices, const Shape& shape, std::string_view op);

// An array of `shape` as the slices that `num_indexed` axes number.
RowLayout slices_of(const Shape& shape, int num_indexed);

// Slice slices[j] of `to` = row j of `from`, in order of j.
void put_slices(const Tensor& from, const std::vector<int64_t>& slices, RowLayout layout,
                const Tensor& to);

}  // namespace treadle
