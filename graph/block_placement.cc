#include "treadle/graph/block_placement.h"

#include <algorithm>

namespace treadle {
namespace {

// The gap that fits best among the blocks already placed that are alive together with `block`.
int64_t best_offset(const Block& block, std::span<const Block> blocks,
                    const std::vector<int64_t>& offsets, const std::vector<int>& placed) {
  int64_t best = -1, best_gap = std::numeric_limits<int64_t>::max(), end = 0;
  for (int p : placed) {  // in order of offset
    const Block& other = blocks[size_t(p)];
    if (other.last < block.first || block.last < other.first) continue;
    const int64_t offset = offsets[size_t(p)], gap = offset - end;
    if (gap >= block.bytes && gap < best_gap) {
      best = end;
      best_gap = gap;
    }
    end = std::max(end, offset + other.bytes);
  }
  return best >= 0 ? best : end;
}

// Places one block after the other.
BlockPlacement place_in_order(std::span<const Block> blocks, const std::vector<int>& order) {
  BlockPlacement made;
  made.offsets.assign(blocks.size(), -1);
  std::vector<int> placed;
  placed.reserve(order.size());
  for (int b : order) {
    const Block& block = blocks[size_t(b)];
    const int64_t offset = best_offset(block, blocks, made.offsets, placed);
    made.offsets[size_t(b)] = offset;
    made.total_bytes = std::max(made.total_bytes, offset + block.bytes);
    const auto at = std::ranges::upper_bound(placed, offset, {},
                                             [&](int p) { return made.offsets[size_t(p)]; });
    placed.insert(at, b);
  }
  return made;
}

// The block whose end is the arena's; the longest lived of several.
int find_outermost(std::span<const Block> blocks, const BlockPlacement& made) {
  const auto life = [&](int b) { return blocks[size_t(b)].last - blocks[size_t(b)].first; };
  int found = -1;
  for (int b = 0; b < int(blocks.size()); ++b) {
    const int64_t end = made.offsets[size_t(b)] + blocks[size_t(b)].bytes;
    if (made.offsets[size_t(b)] < 0 || end < made.total_bytes) continue;
    if (found < 0 || life(b) > life(found)) found = b;
  }
  return found;
}

}  // namespace

BlockPlacement place_blocks(std::span<const Block> blocks, int64_t enough) {
  std::vector<int> order;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].bytes > 0) order.push_back(int(i));
  }
  const auto bytes = [&](int b) { return blocks[size_t(b)].bytes; };
  const auto life = [&](int b) { return blocks[size_t(b)].last - blocks[size_t(b)].first + 1; };

  // The largest first (greedy by size; Pisarchyk and Lee, 2001.03288). Of equal ones first those
  // that live longest.
  std::ranges::stable_sort(order, [&](int a, int b) { return bytes(a) > bytes(b); });
  BlockPlacement best = place_in_order(blocks, order);
  // One attempt costs the square of the number of blocks; a bind should stay below 0.1 s.
  constexpr int64_t effort = 10'000'000;
  const int64_t square = int64_t(order.size()) * int64_t(order.size());
  int64_t attempts = std::min<int64_t>(200, square == 0 ? 0 : effort / square);

  const auto attempt = [&](const std::vector<int>& next) {
    --attempts;
    BlockPlacement made = place_in_order(blocks, next);
    const bool is_better = made.total_bytes < best.total_bytes;
    if (is_better) best = made;
    return made;
  };
  std::vector<std::vector<int>> starts = {order};
  std::ranges::stable_sort(order,
                           [&](int a, int b) { return bytes(a) * life(a) > bytes(b) * life(b); });
  starts.push_back(order);
  std::ranges::stable_sort(order, [&](int a, int b) { return life(a) > life(b); });
  starts.push_back(order);
  for (std::vector<int>& start : starts) {
    const int64_t share = attempts / int64_t(starts.size());
    for (int64_t i = 0; i < share && best.total_bytes > enough && attempts > 0; ++i) {
      const BlockPlacement made = attempt(start);
      // What sticks out comes halfway to the front next time.
      const auto at = std::ranges::find(start, find_outermost(blocks, made));
      std::rotate(start.begin() + (at - start.begin()) / 2, at, at + 1);
    }
  }
  return best;
}

}  // namespace treadle
