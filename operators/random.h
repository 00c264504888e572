// The process's random state: a seed and a count of draws. All random numbers are functions of it.
#pragma once

#include <cstdint>

#include "treadle/operators/philox.h"

namespace treadle {

// Restarts the sequence of streams: what follows depends on `seed` alone.
void seed_random(uint64_t seed);

// A new key, different from all others since the last seed_random. Drawn by the thread that issues
// work, so that the schedule does not matter; by a worker only inside of a RandomScope.
RandomKey next_random_key();

// While it lives, keys that the calling thread draws follow from `key` and `use` alone: what an
// operator issues when it runs draws the same numbers whatever runs beside it.
class RandomScope {
 public:
  RandomScope(RandomKey key, uint64_t use);
  ~RandomScope();
  RandomScope(const RandomScope&) = delete;
  RandomScope& operator=(const RandomScope&) = delete;

 private:
  friend RandomKey next_random_key();
  RandomKey next_;
  RandomScope* outer_;
};

// The key of part `part` (a node) of a run that drew `key`.
inline RandomKey part_of(RandomKey key, uint32_t part) {
  return {key.seed, (key.stream << 24) + part};
}

}  // namespace treadle
