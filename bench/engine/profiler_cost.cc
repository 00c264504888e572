// What the profiler costs while it is on: tasks of ten microseconds, each reading two and writing
// one of a hundred variables, on two workers, with it and without in turns. Prints both medians in
// nanoseconds a task and the ratio; the same for empty tasks, which are all overhead.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/engine/engine.h"
#include "treadle/engine/profiler.h"

namespace {

using treadle::Engine;
using treadle::Profiler;
using treadle::Variable;
using Clock = std::chrono::steady_clock;

void spin(std::chrono::nanoseconds time) {
  if (time.count() == 0) return;
  for (const auto end = Clock::now() + time; Clock::now() < end;) {
  }
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + long(values.size() / 2), values.end());
  return values[values.size() / 2];
}

void measure(const char* what, std::chrono::nanoseconds time, int tasks) {
  const auto engine = Engine::create({.pool = treadle::make_pool({.concurrency = 2})});
  std::vector<Variable> variables;
  for (int i = 0; i < 100; ++i) variables.push_back(engine->variable());
  const auto one = [&] {
    std::mt19937 random(1);
    const auto start = Clock::now();
    for (int i = 0; i < tasks; ++i) {
      const Variable reads[] = {variables[random() % 50], variables[random() % 50]};
      engine->push([time] { spin(time); }, reads, {&variables[50 + random() % 50], 1});
    }
    engine->wait_all();
    return double((Clock::now() - start).count()) / tasks;
  };
  one();
  std::vector<double> off, on;
  for (int round = 0; round < 21; ++round) {
    off.push_back(one());
    Profiler::start();
    on.push_back(one());
    Profiler::stop();
  }
  std::printf("%-12s  off %8.1f ns  on %8.1f ns  cost %5.2f %%\n", what, median(off), median(on),
              100 * (median(on) / median(off) - 1));
}

}  // namespace

int main() {
  measure("10 us tasks", std::chrono::microseconds(10), 5000);
  measure("empty tasks", std::chrono::nanoseconds(0), 50000);
}
