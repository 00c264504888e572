// What binding well-known networks costs in memory: the plan, its lower bound, the sum without
// sharing, and what MXNet 1.9.1 allocates. Nothing is run or allocated.
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "treadle/treadle.h"

namespace {

using namespace treadle;

struct Net {
  const char* name;
  const char* file;
  int mxnet_train, mxnet_forward;  // MiB, MXNet 1.9.1, batch of 64 (executor.debug_str)
};

constexpr Net nets[] = {
    {"AlexNet", "alexnet-symbol.json", 324, 129},
    {"VGG-11", "vgg11-symbol.json", 3360, 1212},
    {"GoogLeNet", "googlenet-symbol.json", 2009, 408},
    {"Inception-BN", "inception_bn-symbol.json", 2797, 488},
    {"ResNet-50", "resnet50-symbol.json", 5244, 600},
};

double mib(int64_t bytes) { return double(bytes) / (1 << 20); }

void report(const Net& net, const Symbol& symbol, bool trains, int64_t batch, bool halves,
            bool is_verbose) {
  const auto start = std::chrono::steady_clock::now();
  ProgramOptions options;
  options.shapes = {{"data", {batch, 3, 224, 224}}, {"softmax_label", {batch}}};
  options.default_request = trains ? Request::write : Request::null;
  const auto program = Program::compile(symbol, options);
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  const MemoryPlan& plan = program->memory_plan();
  const int mxnet = trains ? net.mxnet_train : net.mxnet_forward;
  int64_t scratch = 0;
  for (const Step& step : program->steps()) {
    if (step.scratch < 0) continue;
    scratch = std::max(scratch, program->buffers()[size_t(step.scratch)].bytes);
  }
  std::printf("%-13s %-8s %9.1f %7d %7.2f %9.1f %7.1f %% %10.1f %9.1f %7.2f s\n", net.name,
              trains ? "train" : "forward", mib(plan.total_bytes), mxnet,
              mib(plan.total_bytes) / mxnet, mib(plan.lower_bound_bytes),
              100 * (double(plan.total_bytes) / double(plan.lower_bound_bytes) - 1),
              mib(plan.unshared_bytes), mib(scratch), time.count());
  if (trains && halves) {
    try {
      options.memory_budget = plan.total_bytes / 2;
      const auto half = Program::compile(symbol, options);
      std::printf("%-13s %-8s %9.1f   with %d nodes computed again, %.0f %% more arithmetic\n", "",
                  "half", mib(half->memory_plan().total_bytes), half->recomputation().nodes,
                  100 * half->recomputation().share);
    } catch (const Error& error) {
      std::printf("%-13s %-8s %s\n", "", "half", error.what());
    }
  }
  if (is_verbose) std::printf("%s\n", program->debug_str().c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Planned memory of known networks, in MiB, beside MXNet 1.9.1's.",
               "bench_graph_memory");
  const char* const variable = std::getenv("TREADLE_NETS");
  std::string folder = variable != nullptr ? variable : "../shared/reference/models/nets", only;
  int64_t batch = 64;
  bool is_verbose = false, halves = false;
  app.add_option("folder", folder, "Where the networks' -symbol.json files are ($TREADLE_NETS)");
  app.add_option("--only", only, "A part of the name of the networks to look at");
  app.add_option("--batch", batch, "Images in a batch (64; MXNet's figures are for 64)");
  app.add_flag("--recompute", halves, "Plan training in half its memory as well");
  app.add_flag("--verbose", is_verbose, "Print every node, implementation and buffer as well");
  CLI11_PARSE(app, argc, argv);
  if (!std::filesystem::is_directory(folder)) {
    std::fprintf(stderr,
                 "There is no folder '%s' with alexnet-symbol.json and the others; give it as "
                 "argument or in TREADLE_NETS.\n",
                 folder.c_str());
    return 1;
  }
  std::printf("%-13s %-8s %9s %7s %7s %9s %9s %10s %9s %9s\n", "net", "", "planned", "MXNet",
              "ratio", "bound", "above", "unshared", "scratch", "compiled");
  for (const Net& net : nets) {
    if (std::string(net.name).find(only) == std::string::npos) continue;
    try {
      const Symbol symbol = Symbol::load((std::filesystem::path(folder) / net.file).string());
      for (const bool trains : {true, false})
        report(net, symbol, trains, batch, halves, is_verbose);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", net.name, error.what());
      return 1;
    }
  }
}
