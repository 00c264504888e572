// How many threads a pool has when nobody says.
#pragma once

#include "treadle/device/pool.h"

namespace treadle::detail {

// Fills in what is 0; Error when a number of threads, given or from the environment, is not one.
PoolOptions resolve(PoolOptions options);

}  // namespace treadle::detail
