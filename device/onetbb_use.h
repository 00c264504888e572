// Who is inside oneTBB, so that no fork happens in the middle of its scheduler.
#pragma once

namespace treadle::detail {

// Held by a thread while it calls oneTBB, or anything built on it. oneTBB's locks are its own
// affair: if a fork caught one taken, the child would wait for it forever. So a fork first lets
// those inside finish, holds back those who want in, and waits until the workers sleep. It gives up
// after a second, for instance on a task that waits for the thread that forks; the child is then
// whole unless a lock was taken at that moment.
class OneTbbUse {
 public:
  OneTbbUse();
  ~OneTbbUse();
  OneTbbUse(const OneTbbUse&) = delete;
  OneTbbUse& operator=(const OneTbbUse&) = delete;

  // Tells that the calling thread is one of oneTBB's workers.
  static void this_is_worker();
};

}  // namespace treadle::detail
