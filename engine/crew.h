// Which threads run an engine's tasks: never more than the pool has, no more than there is work
// for, and no task left behind. Internal.
#pragma once

#include <atomic>
#include <cstdint>

namespace treadle::detail {

// Counts the threads with a seat (that run tasks or look for some) and those of them that look. The
// rule that loses no task: who makes one ready looks at the crew afterwards, and if nobody looks
// for work and a seat is free, calls one more; who finds a task while looking, as the last that
// looks, does the same when more is left; who stops looking checks the queue once more afterwards.
// All of it is sequentially consistent, as are the queue's push and empty.
class Crew {
 public:
  explicit Crew(int seats) : seats_(uint32_t(seats)) {}

  // Takes a seat, looking; false when all are taken.
  bool join() noexcept {
    return join_if([](uint32_t) { return true; });
  }
  // As join, but only when nobody looks already.
  bool join_if_nobody_looks() noexcept {
    return join_if([](uint32_t looking) { return looking == 0; });
  }
  // Takes a seat, working, also beyond the number: a thread that comes back to its task.
  void rejoin() noexcept { state_.fetch_add(one_seat, std::memory_order_seq_cst); }

  // Looking to working; true when it was the last that looked.
  bool found() noexcept {
    return state_.fetch_sub(one_looking, std::memory_order_seq_cst) >> 32 == 1;
  }
  void look() noexcept { state_.fetch_add(one_looking, std::memory_order_seq_cst); }
  void leave(bool looking) noexcept {
    state_.fetch_sub(one_seat + (looking ? one_looking : 0), std::memory_order_seq_cst);
  }

  bool empty() const noexcept { return uint32_t(state_.load(std::memory_order_seq_cst)) == 0; }
  void reset() noexcept { state_.store(0, std::memory_order_relaxed); }

 private:
  static constexpr uint64_t one_seat = 1;
  static constexpr uint64_t one_looking = uint64_t(1) << 32;

  template <class Condition>
  bool join_if(Condition condition) noexcept {
    uint64_t state = state_.load(std::memory_order_seq_cst);
    while (uint32_t(state) < seats_ && condition(uint32_t(state >> 32))) {
      if (state_.compare_exchange_weak(state, state + one_seat + one_looking,
                                       std::memory_order_seq_cst)) {
        return true;
      }
    }
    return false;
  }

  const uint32_t seats_;
  alignas(64) std::atomic<uint64_t> state_{0};  // low half: seats taken, high half: looking
};

}  // namespace treadle::detail
