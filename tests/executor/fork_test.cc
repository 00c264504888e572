// Children of processes that use the library, which use it too.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <thread>

#include "support.h"
#include "treadle/device/emulated.h"
#include "treadle/operators/random.h"

#if defined(__SANITIZE_THREAD__)
#define TREADLE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define TREADLE_TSAN 1
#endif
#endif

// ThreadSanitizer does not support threads in the child of a process that had some.
#ifndef TREADLE_TSAN

using namespace treadle;
using namespace treadle::testing;

namespace {

// LeNet as it is trained everywhere, small.
std::vector<std::vector<float>> train(Device device, int steps) {
  seed_random(5);
  Executor exec = small_net().simple_bind(device, small_net_shapes());
  fill_randomly(exec, 11);
  for (const Array& state : exec.auxiliaries()) Array(state).fill(0.5);
  for (int step = 0; step < steps; ++step) {
    exec.forward(Mode::train);
    exec.backward();
    for (size_t i = 0; i < exec.arguments().size(); ++i) {
      invoke("sgd_update", {{"lr", "0.02"}}, {{exec.arguments()[i], exec.gradients()[i]}},
             {.outputs = {{exec.arguments()[i]}}});
    }
  }
  std::vector<std::vector<float>> results = {exec.outputs()[0].to_vector<float>()};
  for (const Array& array : exec.arguments()) results.push_back(array.to_vector<float>());
  return results;
}

// Runs `body` in a fork and gives its result, or 1000 and the signal that ended it.
template <class Body>
int run_in_fork(Body body) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    signal(SIGALRM, SIG_DFL);
    alarm(30);  // a hang becomes a failure
    int result = 99;
    try {
      result = body();
    } catch (const std::exception& error) {
      (void)!write(2, error.what(), std::strlen(error.what()));
    }
    _exit(result);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

}  // namespace

TEST_CASE("the child of an idle parent trains LeNet, on the host and on a device",
          "[executor][fork]") {
  const Device device = add_emulated_gpu();
  const auto expected = train(cpu(), 3);
  REQUIRE(train(device, 3) == expected);
  for (int round = 0; round < 3; ++round) {
    CHECK(run_in_fork([&] {
            if (train(cpu(), 3) != expected) return 1;
            return train(device, 3) == expected ? 0 : 2;
          }) == 0);
    CHECK(train(device, 3) == expected);  // the parent has noticed nothing
  }
}

TEST_CASE("the child of a busy parent trains LeNet", "[executor][fork]") {
  const Device device = add_emulated_gpu();
  const auto expected = train(cpu(), 3);
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (const Device place : {cpu(), device}) {
    threads.emplace_back([&done, place] {
      Executor exec = small_net().simple_bind(place, small_net_shapes());
      fill_randomly(exec, 1);
      while (!done) {
        exec.forward(Mode::train);
        exec.backward();
        exec.gradient("conv1_weight").wait();
      }
    });
  }
  for (int round = 0; round < 6; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    CHECK(run_in_fork([&] {
            if (train(cpu(), 3) != expected) return 1;
            return train(device, 3) == expected ? 0 : 2;
          }) == 0);
  }
  done = true;
  for (std::thread& t : threads) t.join();
  CHECK(train(cpu(), 3) == expected);
}

#endif  // TREADLE_TSAN
