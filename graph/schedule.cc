#include "treadle/graph/schedule.h"

#include <algorithm>
#include <numeric>
#include <queue>
#include <tuple>

namespace treadle {
namespace {

// Who makes and who reads what.
class Uses {
 public:
  explicit Uses(const ScheduleProblem& problem)
      : maker_(problem.bytes.size(), -1), readers_(problem.bytes.size()) {
    for (int s = 0; s < int(problem.steps.size()); ++s) {
      for (int array : problem.steps[size_t(s)].makes) maker_[size_t(array)] = s;
      for (int array : problem.steps[size_t(s)].reads) readers_[size_t(array)].push_back(s);
    }
  }

  int maker(int array) const { return maker_[size_t(array)]; }  // -1: no step
  const std::vector<int>& readers(int array) const { return readers_[size_t(array)]; }

 private:
  std::vector<int> maker_;
  std::vector<std::vector<int>> readers_;
};

// What is alive while steps run one after the other.
class Alive {
 public:
  Alive(const ScheduleProblem& problem, const Uses& uses) : problem_(problem) {
    for (int array = 0; array < int(problem.bytes.size()); ++array) {
      // Who keeps an array is one more reader, which never comes.
      unread_.push_back(int(uses.readers(array).size()) + problem.is_kept[size_t(array)]);
      if (uses.maker(array) < 0) from_outside_ += problem.bytes[size_t(array)];
    }
  }

  int64_t most() const { return most_; }
  int unread(int array) const { return unread_[size_t(array)]; }
  void begin_backward() { bytes_ += from_outside_; }

  // By how many bytes `step` would change what is alive.
  int64_t growth(const ScheduleStep& step) const {
    int64_t bytes = 0;
    for (int array : step.makes) bytes += unread(array) > 0 ? problem_.bytes[size_t(array)] : 0;
    for (int array : step.reads) bytes -= unread(array) == 1 ? problem_.bytes[size_t(array)] : 0;
    return bytes;
  }

  void run(const ScheduleStep& step) {
    for (int array : step.makes) bytes_ += problem_.bytes[size_t(array)];
    most_ = std::max(most_, bytes_ + step.scratch_bytes - in_place(step));
    for (int array : step.makes) {
      if (unread(array) == 0) bytes_ -= problem_.bytes[size_t(array)];
    }
    for (int array : step.reads) {
      if (--unread_[size_t(array)] == 0) bytes_ -= problem_.bytes[size_t(array)];
    }
  }

 private:
  // Bytes that what `step` makes takes over from what it is the last to read.
  int64_t in_place(const ScheduleStep& step) const {
    int64_t bytes = 0;
    for (size_t i = 0; i < step.in_place.size(); ++i) {
      const int read = step.in_place[i].first, made = step.in_place[i].second;
      const bool is_taken = std::any_of(
          step.in_place.begin(), step.in_place.begin() + std::ptrdiff_t(i),
          [&](const auto& earlier) { return earlier.first == read || earlier.second == made; });
      const int64_t size = problem_.bytes[size_t(made)];
      if (!is_taken && unread(read) == 1 && size <= problem_.bytes[size_t(read)]) bytes += size;
    }
    return bytes;
  }

  const ScheduleProblem& problem_;
  std::vector<int> unread_;
  int64_t from_outside_ = 0, bytes_ = 0, most_ = 0;
};

// Appends the steps [begin, end): always the ready one next after which the least is alive.
void add_least_growth(const ScheduleProblem& problem, const Uses& uses, int begin, int end,
                      Alive& alive, std::vector<int>& order) {
  using Candidate = std::tuple<int64_t, int>;  // growth, step: the given order decides a draw
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> ready;
  std::vector<int> missing(size_t(end - begin), 0);
  std::vector<bool> is_done(size_t(end - begin), false);
  const auto offer = [&](int s) { ready.emplace(alive.growth(problem.steps[size_t(s)]), s); };
  for (int s = begin; s < end; ++s) {
    for (int array : problem.steps[size_t(s)].reads)
      missing[size_t(s - begin)] += uses.maker(array) >= begin;
    if (missing[size_t(s - begin)] == 0) offer(s);
  }
  while (!ready.empty()) {
    const int s = std::get<int>(ready.top());
    ready.pop();
    if (is_done[size_t(s - begin)]) continue;  // offered again since, as it came to grow less
    is_done[size_t(s - begin)] = true;
    order.push_back(s);
    const ScheduleStep& step = problem.steps[size_t(s)];
    alive.run(step);
    for (int array : step.makes) {
      for (int reader : uses.readers(array)) {
        if (reader < end && --missing[size_t(reader - begin)] == 0) offer(reader);
      }
    }
    for (int array : step.reads) {
      if (alive.unread(array) != 1) continue;
      for (int reader : uses.readers(array)) {  // whoever is left would free it now
        if (reader < begin || reader >= end) continue;
        const size_t r = size_t(reader - begin);
        if (!is_done[r] && missing[r] == 0) offer(reader);
      }
    }
  }
}

// Appends the steps [begin, end), depth first from those that nothing here reads: before each step
// its inputs, the one first whose making takes the most beyond what it leaves.
void add_most_needy_first(const ScheduleProblem& problem, const Uses& uses, int begin, int end,
                          std::vector<int>& order) {
  const size_t count = size_t(end - begin);
  std::vector<std::vector<int>> inputs(count);  // steps
  std::vector<int64_t> most(count), left(count);
  std::vector<bool> is_read(count, false), is_seen(count, false);
  for (int s = begin; s < end; ++s) {
    const ScheduleStep& step = problem.steps[size_t(s)];
    std::vector<int>& before = inputs[size_t(s - begin)];
    for (int array : step.reads) {
      const int maker = uses.maker(array);
      if (maker >= begin && std::ranges::count(before, maker) == 0) before.push_back(maker);
    }
    const auto beyond = [&](int i) { return most[size_t(i - begin)] - left[size_t(i - begin)]; };
    std::ranges::stable_sort(before, std::greater<>(), beyond);
    int64_t here = 0, highest = 0;
    for (int input : before) {
      is_read[size_t(input - begin)] = true;
      highest = std::max(highest, here + most[size_t(input - begin)]);
      here += left[size_t(input - begin)];
    }
    for (int array : step.makes) left[size_t(s - begin)] += problem.bytes[size_t(array)];
    most[size_t(s - begin)] =
        std::max(highest, here + left[size_t(s - begin)] + step.scratch_bytes);
  }
  std::vector<std::pair<int, size_t>> stack;  // step, its next input
  for (int s = begin; s < end; ++s) {
    if (is_read[size_t(s - begin)]) continue;
    stack.emplace_back(s, 0);
    while (!stack.empty()) {
      auto& [top, next] = stack.back();
      const std::vector<int>& before = inputs[size_t(top - begin)];
      if (next == before.size()) {
        order.push_back(top);
        stack.pop_back();
        continue;
      }
      const int input = before[next++];
      if (is_seen[size_t(input - begin)]) continue;
      is_seen[size_t(input - begin)] = true;
      stack.emplace_back(input, 0);
    }
  }
}

int64_t most_alive(const ScheduleProblem& problem, const Uses& uses, std::span<const int> order) {
  Alive alive(problem, uses);
  for (size_t i = 0; i < order.size(); ++i) {
    if (int(i) == problem.num_forward) alive.begin_backward();
    alive.run(problem.steps[size_t(order[i])]);
  }
  return alive.most();
}

}  // namespace

int64_t most_alive(const ScheduleProblem& problem, std::span<const int> order) {
  return most_alive(problem, Uses(problem), order);
}

std::vector<int> schedule(const ScheduleProblem& problem) {
  const Uses uses(problem);
  const int forward = problem.num_forward, end = int(problem.steps.size());
  std::vector<int> given(problem.steps.size()), greedy, needy;
  std::iota(given.begin(), given.end(), 0);

  Alive alive(problem, uses);
  add_least_growth(problem, uses, 0, forward, alive, greedy);
  add_least_growth(problem, uses, forward, end, alive, greedy);
  add_most_needy_first(problem, uses, 0, forward, needy);
  add_most_needy_first(problem, uses, forward, end, needy);

  const int64_t as_given = most_alive(problem, uses, given);
  const int64_t of_greedy = most_alive(problem, uses, greedy);
  const int64_t of_needy = most_alive(problem, uses, needy);
  // The order that people know from their symbol is worth something, too.
  if (std::min(of_greedy, of_needy) > as_given - as_given / 100) return given;
  return of_needy <= of_greedy ? needy : greedy;
}

}  // namespace treadle
