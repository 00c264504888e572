// Where blocks of memory with lifetimes lie in one arena. Internal to graph/: the memory plan's
// search.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace treadle {

// A piece of memory, alive from `first` to `last`, both included.
struct Block {
  int64_t bytes = 0;
  int first = std::numeric_limits<int>::max();
  int last = -1;
};

struct BlockPlacement {
  std::vector<int64_t> offsets;  // per block; -1 of a block without bytes
  int64_t total_bytes = 0;
};

// Places the blocks so that none alive together overlap, in as little as `enough` bytes if it can:
// it tries several orders and then moves what sticks out forward, within a bounded effort.
// Deterministic.
BlockPlacement place_blocks(std::span<const Block> blocks, int64_t enough);

}  // namespace treadle
