// How many tasks are under way, counted so that neither pushing nor ending a task touches a line
// that other threads write. Internal.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

namespace treadle::detail {

// Tasks are counted under one of two phases, so that a drain sees the end of all that was pushed
// before it although other threads go on pushing: it moves new tasks to the other phase and waits
// for each phase to be empty once.
class TaskCount {
 public:
  // Counts a task; gives the phase to end it with.
  uint8_t start() noexcept { return start(uint8_t(phase_.load(std::memory_order_relaxed) & 1)); }
  // Counts a task that another one pushes, under the other's phase: a drain that waits for a task
  // waits for all that comes of it.
  uint8_t start(uint8_t phase) noexcept {
    mine().started[phase].fetch_add(1, std::memory_order_relaxed);
    return phase;
  }
  // Release: partner of the acquire in `empty`, so that what ended tasks did is seen by who finds
  // them ended.
  void end(uint8_t phase) noexcept { mine().ended[phase].fetch_add(1, std::memory_order_release); }

  // Whether no task is under way.
  bool empty() const noexcept { return empty(0) && empty(1); }

  // The end of everything started before it was made: poll `done`.
  class Drain {
   public:
    explicit Drain(TaskCount& count) : count_(count) {}

    // Each phase must be found empty by this drain itself: a task may be counted under the phase
    // that was current a moment before.
    bool done() noexcept {
      for (int phase = 0; phase < 2; ++phase) seen_[phase] = seen_[phase] || count_.empty(phase);
      if (seen_[0] && seen_[1]) return true;
      uint64_t now = count_.phase_.load(std::memory_order_relaxed);
      const int current = int(now & 1);
      if (!seen_[current] && count_.empty(1 - current)) {
        count_.phase_.compare_exchange_strong(now, now + 1, std::memory_order_relaxed);
      }
      return false;
    }

   private:
    TaskCount& count_;
    bool seen_[2] = {false, false};
  };

  // In a forked child: the tasks of the parent are not ours.
  void reset() noexcept {
    for (Shard& s : shards_) {
      for (int phase = 0; phase < 2; ++phase) {
        s.started[phase].store(0, std::memory_order_relaxed);
        s.ended[phase].store(0, std::memory_order_relaxed);
      }
    }
  }

 private:
  struct alignas(64) Shard {
    std::atomic<uint64_t> started[2]{};
    std::atomic<uint64_t> ended[2]{};
  };

  // The ended first: both sums only grow and the ended never lead, so if they are equal, then
  // nothing was under way at the moment between the two.
  bool empty(int phase) const noexcept {
    uint64_t ended = 0;
    uint64_t started = 0;
    for (const Shard& s : used()) ended += s.ended[phase].load(std::memory_order_acquire);
    for (const Shard& s : used()) started += s.started[phase].load(std::memory_order_acquire);
    return started == ended;
  }

  // Those that some thread counts in. A thread counts itself before its first task, so whoever
  // knows of a task that has started or ended finds its shard among these.
  std::span<const Shard> used() const noexcept {
    return {shards_.data(), std::min<size_t>(threads.load(std::memory_order_relaxed), shards)};
  }

  Shard& mine() noexcept {
    static thread_local const uint32_t index = threads.fetch_add(1, std::memory_order_relaxed);
    return shards_[index % shards];
  }

  static constexpr size_t shards = 16;
  inline static std::atomic<uint32_t> threads{0};

  std::array<Shard, shards> shards_;
  std::atomic<uint64_t> phase_{0};
};

}  // namespace treadle::detail
