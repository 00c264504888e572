// Random orders that are functions of a seed.
#pragma once

#include <cstdint>
#include <vector>

#include "treadle/operators/philox.h"

namespace treadle {

// 0 … n - 1 in an order that depends on `key` alone: Fisher and Yates' shuffle from the back, where
// position i changes places with (words 0 and 1 of block i, as one number) modulo (i + 1).
std::vector<int64_t> random_permutation(int64_t n, RandomKey key);

}  // namespace treadle
