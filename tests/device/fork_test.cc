#ifdef TREADLE_POOL_TBB

// Forks beside threads that are inside oneTBB.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "treadle/device/onetbb_use.h"
#include "treadle/tests/support/catch.h"

using treadle::detail::OneTbbUse;

namespace {

void fork_and_wait() {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    {
      const OneTbbUse use;
    }  // the gate is open in the child too
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
}

}  // namespace

TEST_CASE("a fork lets a thread that is inside oneTBB come out first", "[device][fork]") {
  std::atomic<bool> is_inside{false}, leaves{false};
  std::thread visitor([&] {
    const OneTbbUse use;
    is_inside = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    leaves = true;
  });
  while (!is_inside) std::this_thread::yield();
  fork_and_wait();
  CHECK(leaves);
  visitor.join();
  const OneTbbUse open_again;
}

TEST_CASE("a fork does not wait for a thread that waits for it", "[device][fork]") {
  std::atomic<bool> is_inside{false}, forked{false};
  std::thread visitor([&] {
    const OneTbbUse use;
    is_inside = true;
    while (!forked) std::this_thread::yield();
  });
  while (!is_inside) std::this_thread::yield();
  fork_and_wait();
  forked = true;
  visitor.join();
}

TEST_CASE("a thread may fork while it is inside oneTBB itself", "[device][fork]") {
  const OneTbbUse use;
  const auto start = std::chrono::steady_clock::now();
  fork_and_wait();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(900));
}

#endif  // TREADLE_POOL_TBB
