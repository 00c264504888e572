// The order of elements along an axis: what sort, argsort and topk share.
#pragma once

#include <optional>
#include <vector>

#include "treadle/operators/elementwise.h"
#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle {

// The first `k` elements of each row of `data`, seen as `layout`, in order: indices along the axis.
// Equal elements keep their order; NaN counts as larger than all. The answer is laid out as data
// is, with `k` in place of the axis.
std::vector<int64_t> first_in_order(const Tensor& data, RowLayout layout, int64_t k, bool is_ascend,
                                    Pool& pool);

// Data seen along `axis`; as one row where there is none.
RowLayout layout_along(const Shape& data, std::optional<int> axis);
// `data` with extent `k` (0: unchanged) along `axis`, or (k) where there is none. Refuses an axis
// that data does not have and more elements than there are.
Shape ordered_shape(const ShapeInference& s, std::optional<int> axis, int64_t k);

// Numbers of `indices` as elements of `to`, or added.
void write_indices(const std::vector<int64_t>& indices, const Tensor& to, Request request);
// Elements of data at `indices` along the axis, and the other way round: made[index] = or +=
// picked.
void pick_ordered(const Tensor& data, RowLayout layout, int64_t k,
                  const std::vector<int64_t>& indices, const Tensor& picked, Request request);
void place_ordered(const Tensor& picked, RowLayout layout, int64_t k,
                   const std::vector<int64_t>& indices, const Tensor& data, Request request);

// "" or why a row of `extent` elements cannot be numbered in `type`.
std::string refuse_index_type(DType type, int64_t extent);

}  // namespace treadle
