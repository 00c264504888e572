#include "treadle/graph/memory_plan.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/graph/block_placement.h"

namespace treadle {
namespace {

// Buffers that share memory by permission become one block, alive as long as any of them: a
// buffer's block has the number of the first of them.
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

// An heir adds nothing at the time at which its source still holds the place.
int64_t largest_alive(std::span<const Buffer> buffers, const std::vector<int>& block_of) {
  std::map<int, int64_t> change;
  for (size_t i = 0; i < buffers.size(); ++i) {
    const int64_t bytes = MemoryPlan::aligned(buffers[i].bytes);
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
    const int64_t bytes = MemoryPlan::aligned(buffers[i].bytes);
    block.bytes = std::max(block.bytes, bytes);
    block.first = std::min(block.first, buffers[i].first);
    block.last = std::max(block.last, buffers[i].last);
    plan.unshared_bytes += bytes;
  }
  plan.lower_bound_bytes = largest_alive(buffers, block_of);

  // Within a hundredth of the least there can be, no time is spent on a better plan.
  const int64_t enough = plan.lower_bound_bytes + plan.lower_bound_bytes / 100;
  const BlockPlacement placed = place_blocks(blocks, enough);
  plan.total_bytes = placed.total_bytes;
  plan.offsets.assign(buffers.size(), 0);
  for (size_t i = 0; i < buffers.size(); ++i) {
    plan.offsets[i] = std::max<int64_t>(0, placed.offsets[size_t(block_of[i])]);
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
          occupancy.take(begin, begin + MemoryPlan::aligned(buffers[size_t(i)].bytes), i);
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
