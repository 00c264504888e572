// Copying transposed views: a walk in the order of the output would take one element from each line
// of cache.
#pragma once

#include "treadle/operators/view.h"

namespace treadle {

// Whether neighbours in memory are neighbours along an axis of the view that is not the last one.
bool is_turned(const Axes& axes);

// The elements of such a view, row-major, to `to`; in parallel when it is much. `size`: bytes of an
// element, 1, 2, 4 or 8.
void copy_turned(size_t size, const void* from, const Axes& axes, void* to, Pool& pool);

}  // namespace treadle
