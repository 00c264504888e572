#include "treadle/device/job_queue.h"

#include <deque>
#include <random>

#include "treadle/tests/support/catch.h"

using namespace treadle;

TEST_CASE("a job queue is first in, first out, and jobs can be withdrawn", "[pool]") {
  JobQueue queue;
  std::deque<int*> expected;
  std::vector<int> targets(100);
  const auto job = [](int* target) { return Job{[](void*) noexcept {}, target}; };
  std::mt19937 random(1);
  for (int step = 0; step < 5000; ++step) {
    int* const target = &targets[random() % targets.size()];
    Job got;
    switch (random() % 3) {
      case 0:
        queue.push(job(target));
        expected.push_back(target);
        break;
      case 1:
        REQUIRE(queue.pop(got) == !expected.empty());
        if (!expected.empty()) {
          REQUIRE(got.data == expected.front());
          expected.pop_front();
        }
        break;
      case 2: {
        auto newest = expected.end();
        for (auto i = expected.begin(); i != expected.end(); ++i) {
          if (*i == target) newest = i;
        }
        REQUIRE(queue.withdraw(job(target)) == (newest != expected.end()));
        if (newest != expected.end()) expected.erase(newest);
        break;
      }
    }
    REQUIRE(queue.empty() == expected.empty());
  }
}
