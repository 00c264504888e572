// The engine by itself: tasks that say what they read and write, and no word about threads.
//
// A toy assembly line: `parts` is filled, two stations work on it side by side, and a third one
// joins their results. Then one station breaks, and only what depends on it does not run. At the
// end the line is compiled, run many times, and called off.
#include <cstdio>
#include <memory>
#include <numeric>
#include <vector>

#include "treadle/core/error.h"
#include "treadle/engine/engine.h"
#include "treadle/engine/task_graph.h"

int main() {
  using treadle::Variable;
  const auto engine = treadle::Engine::create();

  std::vector<int> parts(1000);
  long sum = 0;
  long squares = 0;
  double mean_square = 0;
  // One variable for each piece of data; the engine sees nothing but these.
  const Variable parts_v = engine->variable("parts");
  const Variable sum_v = engine->variable("sum");
  const Variable squares_v = engine->variable("squares");
  const Variable mean_v = engine->variable("mean");

  engine->push([&] { std::iota(parts.begin(), parts.end(), 0); }, {}, {&parts_v, 1});
  // Both only read `parts`: they run at the same time where there are two threads.
  engine->push([&] { sum = std::accumulate(parts.begin(), parts.end(), 0L); }, {&parts_v, 1},
               {&sum_v, 1});
  engine->push(
      [&] {
        squares = std::accumulate(parts.begin(), parts.end(), 0L,
                                  [](long so_far, int part) { return so_far + long(part) * part; });
      },
      {&parts_v, 1}, {&squares_v, 1});
  const Variable both[] = {sum_v, squares_v};
  engine->push([&] { mean_square = double(squares) / double(parts.size()); }, both, {&mean_v, 1});

  engine->wait(mean_v);  // helps to run what it waits for
  std::printf("sum %ld, mean square %.1f\n", sum, mean_square);

  engine->push([] { throw treadle::Error("the saw is blunt."); }, {}, {&squares_v, 1},
               {.op = "Saw", .node = "station2"});
  engine->push([&] { mean_square = -1; }, both, {&mean_v, 1});  // skipped
  engine->push([&] { sum = 7; }, {}, {&sum_v, 1});              // independent
  try {
    engine->wait(mean_v);
  } catch (const treadle::Error& error) {
    std::printf("error: %s\n", error.what());
  }
  engine->wait(sum_v);
  std::printf("sum %ld, mean square still %.1f\n", sum, mean_square);

  // The same work a thousand times: the order of tasks is worked out once. `first` is known to the
  // graph alone and costs nothing at run time; `mean_v` others may wait for.
  treadle::TaskGraphBuilder line;
  const treadle::GraphVariable first = line.internal();
  const treadle::GraphVariable result = mean_v;
  line.add([&](const void* step) { sum = *static_cast<const int*>(step); }, {}, {&first, 1});
  line.add([&](const void*) { mean_square = double(sum) / 2; }, {&first, 1}, {&result, 1});
  treadle::TaskGraph graph = line.compile(engine);
  for (int step = 1; step <= 1000; ++step) graph.run(std::make_shared<const int>(step));
  engine->wait(mean_v);
  std::printf("after %ld steps: %.1f\n", sum, mean_square);

  const auto stop = treadle::CancellationToken::create();
  stop.cancel("it is six o'clock");
  graph.run(std::make_shared<const int>(7), stop);
  try {
    graph.wait();
  } catch (const treadle::Cancelled& error) {
    std::printf("cancelled: %s\n", error.what());
  }
  std::printf("the sum is still %ld\n", sum);
  return sum == 1000 && mean_square == 500 ? 0 : 1;
}
