#include "treadle/graph/schedule.h"

#include <algorithm>
#include <numeric>
#include <random>

#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

// The steps in the order of `order`, each behind those it reads from, forward in front.
void check_order(const ScheduleProblem& problem, const std::vector<int>& order) {
  std::vector<int> sorted = order, position(problem.steps.size());
  std::ranges::sort(sorted);
  for (size_t i = 0; i < sorted.size(); ++i) REQUIRE(sorted[i] == int(i));
  REQUIRE(order.size() == problem.steps.size());
  for (size_t i = 0; i < order.size(); ++i) {
    position[size_t(order[i])] = int(i);
    CHECK((int(i) < problem.num_forward) == (order[i] < problem.num_forward));
  }
  for (size_t s = 0; s < problem.steps.size(); ++s) {
    for (size_t maker = 0; maker < problem.steps.size(); ++maker) {
      for (int array : problem.steps[maker].makes) {
        if (std::ranges::count(problem.steps[s].reads, array) > 0)
          CHECK(position[maker] < position[s]);
      }
    }
  }
}

// What is alive at each step, from the lifetimes alone.
int64_t most_alive_by_lifetimes(const ScheduleProblem& problem, const std::vector<int>& order) {
  std::vector<int64_t> alive(order.size(), 0);
  for (int array = 0; array < int(problem.bytes.size()); ++array) {
    int first = problem.num_forward, last = -1;
    for (int time = 0; time < int(order.size()); ++time) {
      const ScheduleStep& step = problem.steps[size_t(order[size_t(time)])];
      if (std::ranges::count(step.makes, array) > 0) first = last = time;
      if (std::ranges::count(step.reads, array) > 0) last = time;
    }
    if (problem.is_kept[size_t(array)]) last = int(order.size()) - 1;
    for (int time = first; time <= last; ++time)
      alive[size_t(time)] += problem.bytes[size_t(array)];
  }
  for (size_t time = 0; time < order.size(); ++time)
    alive[time] += problem.steps[size_t(order[time])].scratch_bytes;
  return order.empty() ? 0 : std::ranges::max(alive);
}

// Steps that read up to three arrays made before and make one or two.
ScheduleProblem random_problem(uint32_t seed) {
  std::mt19937 random(seed);
  const auto draw = [&](int below) { return int(random() % uint32_t(below)); };
  ScheduleProblem problem;
  const int count = 1 + draw(12);
  problem.num_forward = draw(count + 1);
  const auto new_array = [&] {
    problem.bytes.push_back(draw(4) == 0 ? 0 : 64 * draw(20));
    problem.is_kept.push_back(draw(8) == 0);
    return int(problem.bytes.size()) - 1;
  };
  for (int s = 0; s < count; ++s) {
    ScheduleStep step;
    for (int i = draw(4); i > 0 && !problem.bytes.empty(); --i) {
      const int array = draw(int(problem.bytes.size()));
      if (std::ranges::count(step.reads, array) == 0) step.reads.push_back(array);
    }
    for (int i = 1 + draw(2); i > 0; --i) step.makes.push_back(new_array());
    step.scratch_bytes = draw(3) == 0 ? 64 * draw(30) : 0;
    problem.steps.push_back(std::move(step));
  }
  return problem;
}

// Two branches that the last step joins: 0 makes an array of `wide` bytes, as does 1, which 2 makes
// small.
ScheduleProblem two_branches(int64_t wide) {
  return {.steps = {{.makes = {0}},
                    {.makes = {1}},
                    {.reads = {1}, .makes = {2}},
                    {.reads = {0, 2}, .makes = {3}}},
          .bytes = {wide, wide, 64, 64},
          .is_kept = {false, false, false, true},
          .num_forward = 4};
}

std::vector<int> identity(size_t count) {
  std::vector<int> order(count);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

}  // namespace

TEST_CASE("the branch that needs most room goes first", "[graph]") {
  const ScheduleProblem problem = two_branches(6400);
  CHECK(most_alive(problem, identity(4)) == 6400 + 6400 + 64);
  const std::vector<int> order = schedule(problem);
  CHECK(order == std::vector<int>{1, 2, 0, 3});
  CHECK(most_alive(problem, order) == 6400 + 64 + 64);
}

TEST_CASE("a step that frees much goes before one that adds", "[graph]") {
  // Backward: 0 made two large arrays; 1 and 3 each bring a new one, 2 and 4 read the old ones
  // last.
  const ScheduleProblem problem{.steps = {{.makes = {0, 1}},
                                          {.makes = {2}},
                                          {.makes = {3}},
                                          {.reads = {0, 2}, .makes = {4}},
                                          {.reads = {1, 3}, .makes = {5}}},
                                .bytes = {6400, 6400, 3200, 3200, 0, 0},
                                .is_kept = std::vector<bool>(6, false),
                                .num_forward = 1};
  CHECK(most_alive(problem, identity(5)) == 6400 * 3);
  const std::vector<int> order = schedule(problem);
  CHECK(most_alive(problem, order) == 6400 * 2 + 3200);
  check_order(problem, order);
}

TEST_CASE("an order that saves less than a hundredth is not taken", "[graph]") {
  ScheduleProblem problem = two_branches(640);
  CHECK(schedule(problem) != identity(4));
  problem.bytes.push_back(6400 * 10);  // a head gradient, say, that is there all the time
  problem.is_kept.push_back(true);
  problem.num_forward = 0;
  CHECK(schedule(problem) == identity(4));
}

TEST_CASE("in place, what is made takes the room of what is read last", "[graph]") {
  ScheduleProblem problem{.steps = {{.makes = {0}}, {.reads = {0}, .makes = {1}}},
                          .bytes = {640, 640},
                          .is_kept = {false, true},
                          .num_forward = 2};
  CHECK(most_alive(problem, identity(2)) == 1280);
  problem.steps[1].in_place = {{0, 1}};
  CHECK(most_alive(problem, identity(2)) == 640);
  problem.is_kept[0] = true;
  CHECK(most_alive(problem, identity(2)) == 1280);
}

TEST_CASE("random problems: a right order, never worse, measured by lifetimes", "[graph]") {
  int better = 0;
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    INFO("seed " << seed);
    const ScheduleProblem problem = random_problem(seed);
    const std::vector<int> given = identity(problem.steps.size());
    const std::vector<int> order = schedule(problem);
    check_order(problem, order);
    for (const std::vector<int>& each : {given, order})
      REQUIRE(most_alive(problem, each) == most_alive_by_lifetimes(problem, each));
    REQUIRE(most_alive(problem, order) <= most_alive(problem, given));
    REQUIRE(schedule(problem) == order);
    better += order != given;
  }
  CHECK(better > 300);  // so that this says something
}

}  // namespace treadle::testing
