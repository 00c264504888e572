#include "treadle/graph/memory_plan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

#include "treadle/core/error.h"

namespace treadle {
namespace {

int64_t align_up(int64_t bytes) {
  return (bytes + MemoryPlan::alignment - 1) / MemoryPlan::alignment * MemoryPlan::alignment;
}

// Buffers that share memory by permission become one block, alive as long as any of them.
struct Block {
  int64_t bytes = 0;
  int first = std::numeric_limits<int>::max();
  int last = -1;
  int64_t offset = -1;
};

std::vector<int> merge_in_place(std::span<const Buffer> buffers,
                                std::span<const InPlace> in_place) {
  std::vector<int> block_of(buffers.size());
  std::iota(block_of.begin(), block_of.end(), 0);
  std::vector<bool> is_taken(buffers.size(), false);
  // In order of time, so that an heir's heir finds the block that its source has joined.
  std::vector<InPlace> pairs(in_place.begin(), in_place.end());
  std::ranges::stable_sort(pairs, {},
                           [&](const InPlace& p) { return buffers[size_t(p.buffer)].first; });
  for (const InPlace& pair : pairs) {
    const Buffer& source = buffers[size_t(pair.of)];
    const Buffer& heir = buffers[size_t(pair.buffer)];
    // The heir begins exactly when the source ends, fits, and no other heir took the place.
    if (is_taken[size_t(pair.of)] || source.last != heir.first || heir.bytes > source.bytes)
      continue;
    if (block_of[size_t(pair.buffer)] != pair.buffer) continue;
    is_taken[size_t(pair.of)] = true;
    block_of[size_t(pair.buffer)] = block_of[size_t(pair.of)];
  }
  return block_of;
}

// The gap that fits best among the blocks already placed that are alive together with `block`.
int64_t best_offset(const Block& block, const std::vector<Block>& blocks,
                    const std::vector<int>& placed) {
  int64_t best = -1, best_gap = std::numeric_limits<int64_t>::max(), end = 0;
  for (int p : placed) {  // in order of offset
    const Block& other = blocks[size_t(p)];
    if (other.last < block.first || block.last < other.first) continue;
    const int64_t gap = other.offset - end;
    if (gap >= block.bytes && gap < best_gap) {
      best = end;
      best_gap = gap;
    }
    end = std::max(end, other.offset + other.bytes);
  }
  return best >= 0 ? best : end;
}

// An heir adds nothing at the time at which its source still holds the place.
int64_t largest_alive(std::span<const Buffer> buffers, const std::vector<int>& block_of) {
  std::map<int, int64_t> change;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const int64_t bytes = align_up(buffers[i].bytes);
    change[buffers[i].first + (block_of[i] == int(i) ? 0 : 1)] += bytes;
    change[buffers[i].last + 1] -= bytes;
  }
  int64_t alive = 0, most = 0;
  for (const auto& [time, delta] : change) most = std::max(most, alive += delta);
  return most;
}

// Who holds each byte range, updated block by block in order of time.
class Occupancy {
 public:
  // Blocks that hold a byte of [begin, end), which `block` takes over.
  std::vector<int> take(int64_t begin, int64_t end, int block) {
    std::vector<int> found;
    split(begin);
    split(end);
    auto it = ranges_.lower_bound(begin);
    while (it != ranges_.end() && it->first < end) {
      if (it->second != block && std::ranges::count(found, it->second) == 0)
        found.push_back(it->second);
      it = ranges_.erase(it);
    }
    ranges_[begin] = block;
    // Bytes behind `end` keep their holder: split() gave them a range of their own.
    ends_[begin] = end;
    return found;
  }

 private:
  // Makes `at` a boundary, if a range spans it.
  void split(int64_t at) {
    auto it = ranges_.upper_bound(at);
    if (it == ranges_.begin()) return;
    --it;
    if (it->first == at || ends_[it->first] <= at) return;
    ranges_[at] = it->second;
    ends_[at] = std::exchange(ends_[it->first], at);
  }

  std::map<int64_t, int> ranges_;    // begin -> block
  std::map<int64_t, int64_t> ends_;  // begin -> end, of the live ranges
};

}  // namespace

MemoryPlan plan_memory(std::span<const Buffer> buffers, std::span<const InPlace> in_place) {
  const std::vector<int> block_of = merge_in_place(buffers, in_place);
  std::vector<Block> blocks(buffers.size());
  MemoryPlan plan;
  for (size_t i = 0; i < buffers.size(); ++i) {
    Block& block = blocks[size_t(block_of[i])];
    const int64_t bytes = align_up(buffers[i].bytes);
    block.bytes = std::max(block.bytes, bytes);
    block.first = std::min(block.first, buffers[i].first);
    block.last = std::max(block.last, buffers[i].last);
    plan.unshared_bytes += bytes;
  }
  plan.lower_bound_bytes = largest_alive(buffers, block_of);

  std::vector<int> order;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (blocks[i].bytes > 0) order.push_back(int(i));
  }
  std::ranges::stable_sort(
      order, [&](int a, int b) { return blocks[size_t(a)].bytes > blocks[size_t(b)].bytes; });
  std::vector<int> placed;
  for (int b : order) {
    Block& block = blocks[size_t(b)];
    block.offset = best_offset(block, blocks, placed);
    plan.total_bytes = std::max(plan.total_bytes, block.offset + block.bytes);
    const auto at = std::ranges::upper_bound(placed, block.offset, {},
                                             [&](int p) { return blocks[size_t(p)].offset; });
    placed.insert(at, b);
  }

  plan.offsets.assign(buffers.size(), 0);
  for (size_t i = 0; i < buffers.size(); ++i) {
    const Block& block = blocks[size_t(block_of[i])];
    if (block.offset >= 0) plan.offsets[i] = block.offset;
  }

  // Reuse is written back as order. In one pass over the buffers by time, each finds who held its
  // bytes; a second pass lets the first ones find the holders at the end of the run before.
  plan.previous.resize(buffers.size());
  std::vector<int> by_time;
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].bytes > 0) by_time.push_back(int(i));
  }
  std::ranges::stable_sort(
      by_time, [&](int a, int b) { return buffers[size_t(a)].first < buffers[size_t(b)].first; });
  Occupancy occupancy;
  for (int pass = 0; pass < 2; ++pass) {
    for (int i : by_time) {
      const int64_t begin = plan.offsets[size_t(i)];
      plan.previous[size_t(i)] =
          occupancy.take(begin, begin + align_up(buffers[size_t(i)].bytes), i);
    }
  }
  return plan;
}

std::string MemoryPlan::summary() const {
  const auto mib = [](int64_t bytes) { return double(bytes) / (1 << 20); };
  return concat("planned ", mib(total_bytes), " MiB, lower bound ", mib(lower_bound_bytes),
                " MiB, without sharing ", mib(unshared_bytes), " MiB");
}

}  // namespace treadle
