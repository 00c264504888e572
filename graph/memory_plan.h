// The memory plan: where in one arena each array of a Program lies, decided before anything runs.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace treadle {

// An array (or a kernel's scratch) to be placed. Times are positions in the schedule; both ends
// belong to the lifetime.
struct Buffer {
  int64_t bytes = 0;
  int first = 0;
  int last = 0;
};

// "`buffer` may begin in the memory of `of`", whose last reader is the task that writes `buffer`.
struct InPlace {
  int buffer = 0;
  int of = 0;
};

struct MemoryPlan {
  std::vector<int64_t> offsets;  // per buffer, multiples of `alignment`
  int64_t total_bytes = 0;       // the arena's size: what is planned is what is allocated
  int64_t unshared_bytes = 0;    // without any reuse
  // The largest sum of buffers alive at one time: no plan of this schedule can be smaller.
  int64_t lower_bound_bytes = 0;
  // Per buffer: those that held some of its bytes last before it, in the run or, for the first
  // ones, at the end of the previous run. Who writes the buffer must wait for their readers.
  std::vector<std::vector<int>> previous;

  static constexpr int64_t alignment = 64;
  static constexpr int64_t aligned(int64_t bytes) {
    return (bytes + alignment - 1) / alignment * alignment;
  }
  // One line: planned, lower bound, without sharing.
  std::string summary() const;
};

// Places buffers greedily, the largest first, each at the lowest gap it fits best (Pisarchyk and
// Lee, 2001.03288). Deterministic.
MemoryPlan plan_memory(std::span<const Buffer> buffers, std::span<const InPlace> in_place);

}  // namespace treadle
