// One element along an axis, chosen by number: what pick and its kin share.
#pragma once

#include "treadle/operators/indexing/rows_by_index.h"

namespace treadle {

// picked[block, k] = data[block, index[block, k], k] for data of the layout, or is added.
void pick_elements(const Tensor& data, RowLayout layout, const Indices& index, const Tensor& picked,
                   Request request, Pool& pool);
// The other way round: data[block, index, k] = or += picked[block, k]; others stay as they are.
void place_elements(const Tensor& picked, RowLayout layout, const Indices& index,
                    const Tensor& data, Request request, Pool& pool);

// "" or why nothing can be chosen along `axis` of the first input.
std::string refuse_pick(const KernelQuery& query, int axis);

}  // namespace treadle
