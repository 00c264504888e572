// How long binding takes: from a symbol to an executor, the first time and again.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "treadle/ops.h"
#include "treadle/treadle.h"

namespace {

using namespace treadle;

Symbol chain(int length) {
  Symbol x = Symbol::variable("data");
  for (int i = 0; i < length; ++i) x = x + 1.0;
  return x;
}

Symbol lenet() {
  Symbol net = Symbol::variable("data");
  for (const int filters : {20, 50}) {
    net = Convolution{.kernel = {5, 5}, .num_filter = filters}(net);
    net = Activation{.act_type = ActType::tanh}(net);
    net = Pooling{.kernel = {2, 2}, .pool_type = PoolType::max, .stride = {2, 2}}(net);
  }
  net = Activation{.act_type = ActType::tanh}(FullyConnected{.num_hidden = 500}(Flatten{}(net)));
  return SoftmaxOutput{}(FullyConnected{.num_hidden = 10}(net), "softmax");
}

// The first bind in the process, and the median and the least of those that follow.
void report(const char* name, const Symbol& net, const ShapeMap& shapes, Request request,
            int repetitions) {
  std::vector<double> times;
  size_t steps = 0;
  for (int i = 0; i <= repetitions; ++i) {
    const auto start = std::chrono::steady_clock::now();
    const Executor exec = net.simple_bind(cpu(), shapes, {.default_request = request});
    const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - start;
    times.push_back(time.count());
    steps = exec.program()->steps().size();
  }
  const double first = times.front();
  times.erase(times.begin());
  std::ranges::sort(times);
  std::printf("%-28s %7zu %10.3f %10.3f %10.3f\n", name, steps, first, times[times.size() / 2],
              times.front());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Milliseconds of simple_bind.", "bench_graph_bind");
  const char* const variable = std::getenv("TREADLE_NETS");
  std::string folder = variable != nullptr ? variable : "../shared/reference/models/nets";
  int repetitions = 11;
  app.add_option("folder", folder, "Where resnet50-symbol.json is ($TREADLE_NETS), if anywhere");
  app.add_option("--repetitions", repetitions, "How often each is bound after the first time")
      ->check(CLI::Range(1, 1000000));
  CLI11_PARSE(app, argc, argv);

  std::printf("%-28s %7s %10s %10s %10s\n", "", "steps", "first, ms", "median", "least");
  report("chain of 1,000, forward", chain(1000), {{"data", {1}}}, Request::null, repetitions);
  report("chain of 5,000, forward", chain(5000), {{"data", {1}}}, Request::null, repetitions);
  report("chain of 1,000, train", chain(1000), {{"data", {1}}}, Request::write, repetitions);
  report("LeNet, batch of 64, train", lenet(), {{"data", {64, 1, 28, 28}}, {"softmax_label", {64}}},
         Request::write, repetitions);
  const std::filesystem::path file = std::filesystem::path(folder) / "resnet50-symbol.json";
  if (std::filesystem::exists(file)) {
    report("ResNet-50, batch of 1, train", Symbol::load(file.string()),
           {{"data", {1, 3, 224, 224}}, {"softmax_label", {1}}}, Request::write,
           std::min(repetitions, 3));
  } else {
    std::printf("ResNet-50 is left out: there is no '%s'.\n", file.string().c_str());
  }
}
