// The process's random state: a seed and a count of draws. All random numbers are functions of it.
#pragma once

#include <cstdint>

#include "treadle/operators/philox.h"

namespace treadle {

// Restarts the sequence of streams: what follows depends on `seed` alone.
void seed_random(uint64_t seed);

// A new key, different from all others since the last seed_random. Drawn by the thread that issues
// work, never by a worker, so that the schedule does not matter.
RandomKey next_random_key();

// The key of part `part` (a node) of a run that drew `key`.
inline RandomKey part_of(RandomKey key, uint32_t part) {
  return {key.seed, (key.stream << 24) + part};
}

}  // namespace treadle
