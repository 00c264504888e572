// Memory of tasks and what belongs to them, recycled: once warm, pushing a task asks the system for
// nothing.
#pragma once

#include <cstddef>

namespace treadle::detail {

// `bytes` at a multiple of 8, and of the largest power of two up to 64 that divides `bytes`; throws
// std::bad_alloc. A node may be freed by another thread than
// the one that allocated it: the usual case, as tasks are pushed here and end there.
void* allocate_node(size_t bytes);
// `bytes` as at allocation.
void free_node(void* node, size_t bytes) noexcept;

}  // namespace treadle::detail
