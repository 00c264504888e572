// The schedule pass: in which order steps are planned and pushed, so that little is alive at once.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace treadle {

// What a step does to memory. Arrays are numbers.
struct ScheduleStep {
  std::vector<int> reads = {};  // each once
  std::vector<int> makes = {};  // no other step makes them
  // The first, which it reads, may become the second, which it makes.
  std::vector<std::pair<int, int>> in_place = {};
  int64_t scratch_bytes = 0;
};

// Steps in an order that is right: an array is made before it is read.
struct ScheduleProblem {
  std::vector<ScheduleStep> steps;
  // Per array; 0 for one that lies in memory of the caller's, or that only says what comes first.
  std::vector<int64_t> bytes;
  std::vector<bool> is_kept;  // per array: it lives to the end
  // The first so many steps, forward, stay in front of the others. Arrays that no step makes come
  // to life between the two.
  int num_forward = 0;
};

// The most that is alive at one time when the steps are run in `order`.
int64_t most_alive(const ScheduleProblem& problem, std::span<const int> order);

// An order of the steps in which each comes after those that make what it reads. Of three, the one
// of which the least is alive at once: as given; always the step next that frees most or adds
// least; and, before each step, that of its inputs first whose making needs most room beyond what
// it leaves (Sethi and Ullman, 1970). As given unless another saves a hundredth. Deterministic.
std::vector<int> schedule(const ScheduleProblem& problem);

}  // namespace treadle
