// What arrays on accelerators do differently: memory freed in stream order, copies and fills as
// work of streams. Internal to tensor/.
#pragma once

#include "treadle/tensor/array.h"

namespace treadle::detail {

// Storage on an accelerator; Error, OutOfMemory as Array::empty.
std::shared_ptr<Storage> device_storage(Device device, size_t bytes);

// Queue copies where one of the two sides is on an accelerator; types and shapes are equal.
void queue_copy(const Array& target, const Array& source);
// To and from the caller's memory; both wait.
void copy_to_device(const Array& target, const void* data);
void copy_from_device(const Array& source, void* data);

// Queue kernels on the array's accelerator.
void queue_fill(const Array& target, double value);
// Both on the same accelerator.
void queue_convert(const Array& target, const Array& source);

}  // namespace treadle::detail
