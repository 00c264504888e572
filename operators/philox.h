// Philox 4x32-10: random numbers as a function of (key, counter), so that they do not depend on
// the schedule, the thread or the device (Salmon et al., 2011).
#pragma once

#include <array>
#include <cstdint>

#include "treadle/core/macros.h"

namespace treadle {

// Which sequence of random numbers a run of a node draws from.
struct RandomKey {
  uint64_t seed = 0;
  uint64_t stream = 0;
};

struct RandomBlock {
  uint32_t word[4];
};

inline constexpr int philox_rounds = 10;
inline constexpr uint64_t philox_multiplier0 = 0xD2511F53u, philox_multiplier1 = 0xCD9E8D57u;
inline constexpr uint32_t philox_weyl0 = 0x9E3779B9u, philox_weyl1 = 0xBB67AE85u;

// The four words at position `index` of the key's sequence.
TREADLE_HD inline RandomBlock philox(RandomKey key, uint64_t index) {
  uint32_t k0 = uint32_t(key.seed), k1 = uint32_t(key.seed >> 32);
  uint32_t c0 = uint32_t(index), c1 = uint32_t(index >> 32);
  uint32_t c2 = uint32_t(key.stream), c3 = uint32_t(key.stream >> 32);
  for (int round = 0; round < philox_rounds; ++round) {
    const uint64_t p0 = philox_multiplier0 * c0, p1 = philox_multiplier1 * c2;
    c0 = uint32_t(p1 >> 32) ^ c1 ^ k0;
    c1 = uint32_t(p1);
    c2 = uint32_t(p0 >> 32) ^ c3 ^ k1;
    c3 = uint32_t(p0);
    k0 += philox_weyl0;
    k1 += philox_weyl1;
  }
  return {{c0, c1, c2, c3}};
}

// A float in [0, 1) from 24 bits of a word.
TREADLE_HD inline float to_unit(uint32_t word) { return float(word >> 8) * (1.0f / 16777216.0f); }

// Uniform in [0, 1): element `index` of the key's sequence.
TREADLE_HD inline float uniform_at(RandomKey key, uint64_t index) {
  return to_unit(philox(key, index / 4).word[index % 4]);
}

}  // namespace treadle
