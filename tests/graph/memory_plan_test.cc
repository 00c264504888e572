#include "treadle/graph/memory_plan.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

int64_t aligned(int64_t bytes) { return (bytes + 63) / 64 * 64; }

bool overlap_in_memory(const MemoryPlan& plan, std::span<const Buffer> buffers, size_t a,
                       size_t b) {
  return plan.offsets[a] < plan.offsets[b] + aligned(buffers[b].bytes) &&
         plan.offsets[b] < plan.offsets[a] + aligned(buffers[a].bytes);
}

// No two buffers alive at one time share a byte, but for an heir and its source at the one time at
// which the source ends and the heir begins.
void check_disjoint(const MemoryPlan& plan, std::span<const Buffer> buffers,
                    std::span<const InPlace> in_place) {
  std::set<std::pair<int, int>> allowed;
  for (const InPlace& pair : in_place) allowed.insert({pair.of, pair.buffer});
  for (size_t a = 0; a < buffers.size(); ++a) {
    if (buffers[a].bytes == 0) continue;
    REQUIRE(plan.offsets[a] >= 0);
    REQUIRE(plan.offsets[a] % MemoryPlan::alignment == 0);
    REQUIRE(plan.offsets[a] + buffers[a].bytes <= plan.total_bytes);
    for (size_t b = a + 1; b < buffers.size(); ++b) {
      if (buffers[b].bytes == 0 || !overlap_in_memory(plan, buffers, a, b)) continue;
      const bool alive_together =
          buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last;
      if (!alive_together) continue;
      const bool is_heir =
          (allowed.contains({int(a), int(b)}) && buffers[a].last == buffers[b].first) ||
          (allowed.contains({int(b), int(a)}) && buffers[b].last == buffers[a].first);
      if (!is_heir) FAIL("buffers " << a << " and " << b << " are alive together and share memory");
    }
  }
}

// Runs the schedule three times on a model of the arena, 64 bytes a cell, and collects who held
// each cell last when a buffer begins; from the second run on that must be exactly what `previous`
// says.
void check_previous(const MemoryPlan& plan, std::span<const Buffer> buffers) {
  std::vector<size_t> order;
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].bytes > 0) order.push_back(i);
  }
  std::ranges::stable_sort(order, {}, [&](size_t i) { return buffers[i].first; });
  std::vector<int> holder(size_t(plan.total_bytes / 64), -1);
  for (int run = 0; run < 3; ++run) {
    for (size_t i : order) {
      std::set<int> found;
      const int64_t begin = plan.offsets[i] / 64, end = begin + aligned(buffers[i].bytes) / 64;
      for (int64_t cell = begin; cell < end; ++cell) {
        int& who = holder[size_t(cell)];
        if (who >= 0 && who != int(i)) found.insert(who);
        who = int(i);
      }
      if (run == 0) continue;
      const std::set<int> stated(plan.previous[i].begin(), plan.previous[i].end());
      REQUIRE(stated == found);
      REQUIRE(stated.size() == plan.previous[i].size());  // none twice
    }
  }
}

int64_t brute_force_lower_bound(std::span<const Buffer> buffers) {
  int64_t most = 0;
  for (const Buffer& at : buffers) {
    int64_t alive = 0;
    for (const Buffer& buffer : buffers) {
      if (buffer.first <= at.first && at.first <= buffer.last) alive += aligned(buffer.bytes);
    }
    most = std::max(most, alive);
  }
  return most;
}

}  // namespace

TEST_CASE("buffers of different times share memory", "[graph]") {
  const std::vector<Buffer> buffers = {{100, 0, 1}, {100, 2, 3}, {50, 1, 2}};
  const MemoryPlan plan = plan_memory(buffers, {});
  REQUIRE(plan.total_bytes == 192);  // 128 shared by the first two, 64 for the third
  REQUIRE(plan.unshared_bytes == 320);
  REQUIRE(plan.lower_bound_bytes == 192);
  REQUIRE(plan.offsets[0] == plan.offsets[1]);
  REQUIRE(plan.previous[1] == std::vector<int>{0});
  REQUIRE(plan.previous[0] == std::vector<int>{1});  // of the run before
  REQUIRE(plan.previous[2].empty());
  REQUIRE(plan.summary().find("lower bound") != std::string::npos);
}

TEST_CASE("an heir begins in its source's memory where it may", "[graph]") {
  const std::vector<Buffer> chain = {{100, 0, 1}, {100, 1, 2}, {60, 2, 3}};
  const std::vector<InPlace> pairs = {{1, 0}, {2, 1}};
  const MemoryPlan plan = plan_memory(chain, pairs);
  REQUIRE(plan.total_bytes == 128);
  REQUIRE(plan.offsets == std::vector<int64_t>{0, 0, 0});
  REQUIRE(plan.lower_bound_bytes == 128);
  REQUIRE(plan.previous[2] == std::vector<int>{1});
  // Too large for the source, or the source lives on: separate memory.
  const MemoryPlan larger =
      plan_memory(std::vector<Buffer>{{64, 0, 1}, {65, 1, 2}}, std::vector<InPlace>{{1, 0}});
  REQUIRE(larger.total_bytes == 192);
  const MemoryPlan alive =
      plan_memory(std::vector<Buffer>{{64, 0, 2}, {64, 1, 2}}, std::vector<InPlace>{{1, 0}});
  REQUIRE(alive.total_bytes == 128);
  // A place is inherited once.
  const MemoryPlan twice = plan_memory(std::vector<Buffer>{{64, 0, 1}, {64, 1, 2}, {64, 1, 2}},
                                       std::vector<InPlace>{{1, 0}, {2, 0}});
  REQUIRE(twice.total_bytes == 128);
}

TEST_CASE("a large source does not inflate the lower bound after its end", "[graph]") {
  // At time 2 only 64 + 1024 bytes are alive, whatever block the heir sits in.
  const std::vector<Buffer> buffers = {{1024, 0, 1}, {64, 1, 2}, {1024, 2, 2}};
  const MemoryPlan plan = plan_memory(buffers, std::vector<InPlace>{{1, 0}});
  REQUIRE(plan.lower_bound_bytes == 1088);
}

TEST_CASE("empty buffers take nothing", "[graph]") {
  const MemoryPlan none = plan_memory({}, {});
  REQUIRE(none.total_bytes == 0);
  const MemoryPlan plan = plan_memory(std::vector<Buffer>{{0, 0, 9}, {64, 1, 1}}, {});
  REQUIRE(plan.total_bytes == 64);
  REQUIRE(plan.previous[0].empty());
}

TEST_CASE("a second attempt places what the first left sticking out", "[graph]") {
  // The largest first, each in the tightest gap, needs 14 units.
  const int64_t unit = 1 << 10;
  const std::vector<Buffer> buffers = {{7 * unit, 0, 2}, {5 * unit, 4, 4}, {3 * unit, 3, 5},
                                       {4 * unit, 0, 3}, {4 * unit, 5, 6}, {1 * unit, 3, 3}};
  const MemoryPlan plan = plan_memory(buffers, {});
  check_disjoint(plan, buffers, {});
  REQUIRE(plan.lower_bound_bytes == 11 * unit);
  REQUIRE(plan.total_bytes == plan.lower_bound_bytes);
}

TEST_CASE("random schedules: no overlap, complete order, bounds hold", "[graph]") {
  std::mt19937 random(20240517);
  const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  for (int round = 0; round < 400; ++round) {
    CAPTURE(round);
    const int count = 1 + upto(60), length = 1 + upto(40);
    std::vector<Buffer> buffers;
    for (int i = 0; i < count; ++i) {
      const int first = upto(length);
      const int last = first + upto(round % 2 == 0 ? 3 : length);
      buffers.push_back({upto(5) == 0 ? 0 : 1 + upto(upto(1) == 0 ? 200 : 5000), first, last});
    }
    std::vector<InPlace> pairs;
    for (int a = 0; a < count; ++a) {
      for (int b = 0; b < count; ++b) {
        const bool fits = a != b && buffers[size_t(a)].last == buffers[size_t(b)].first &&
                          buffers[size_t(a)].first < buffers[size_t(b)].first;
        if (fits && upto(2) == 0) pairs.push_back({b, a});
      }
    }
    std::shuffle(pairs.begin(), pairs.end(), random);
    if (round % 3 == 0) pairs.clear();
    const MemoryPlan plan = plan_memory(buffers, pairs);
    check_disjoint(plan, buffers, pairs);
    check_previous(plan, buffers);
    REQUIRE(plan.lower_bound_bytes <= plan.total_bytes);
    REQUIRE(plan.total_bytes <= plan.unshared_bytes);
    if (pairs.empty()) REQUIRE(plan.lower_bound_bytes == brute_force_lower_bound(buffers));
    // Deterministic.
    const MemoryPlan again = plan_memory(buffers, pairs);
    REQUIRE(again.offsets == plan.offsets);
    REQUIRE(again.previous == plan.previous);
  }
}

}  // namespace treadle::testing
