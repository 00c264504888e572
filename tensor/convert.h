// Conversion between element types.
#pragma once

#include <cstdint>

#include "treadle/core/dtype.h"

namespace treadle {

// `count` elements from `source` to `target`, which do not overlap unless the types are equal and
// the addresses too. Floats become integers by truncation, anything becomes bool by "not zero".
void convert(const void* source, DType source_type, void* target, DType target_type, int64_t count);

// `count` elements of `target` become `value`.
void fill(void* target, DType type, int64_t count, double value);

}  // namespace treadle
