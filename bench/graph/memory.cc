// What binding well-known networks costs in memory: the plan, its lower bound, the sum without
// sharing, and what MXNet 1.9.1 allocates. Nothing is run or allocated but with --check.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

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

// The step that uses the most of the arena by itself: no plan with the same kernels, whatever it
// computes again, can be smaller.
struct LargestStep {
  const Step* step = nullptr;
  int64_t bytes = 0;
};

LargestStep largest_step(const Program& program) {
  LargestStep largest;
  for (const Step& step : program.steps()) {
    std::vector<std::pair<int64_t, int64_t>> ranges;  // of the arena; in place they coincide
    const auto add = [&](int buffer) {
      const int64_t begin = program.memory_plan().offsets[size_t(buffer)];
      ranges.emplace_back(begin, begin + program.buffers()[size_t(buffer)].bytes);
    };
    for (const auto* list : {&step.inputs, &step.outputs}) {
      for (const Location location : *list) {
        if (location.kind == Location::Kind::buffer) add(location.index);
      }
    }
    if (step.scratch >= 0) add(step.scratch);
    std::ranges::sort(ranges);
    int64_t bytes = 0, end = 0;
    for (const auto& [from, to] : ranges) {
      bytes += std::max<int64_t>(0, to - std::max(from, end));
      end = std::max(end, to);
    }
    if (bytes > largest.bytes) largest = {&step, bytes};
  }
  return largest;
}

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
      const LargestStep largest = largest_step(*program);
      std::printf("%-13s %-8s %s(%s) alone uses %.1f MiB, %.0f %% of the plan\n", "", "",
                  largest.step->op.c_str(), largest.step->name.c_str(), mib(largest.bytes),
                  100 * double(largest.bytes) / double(plan.total_bytes));
    }
  }
  if (is_verbose) std::printf("%s\n", program->debug_str().c_str());
  std::fflush(stdout);
}

// Outputs, gradients and states of one training step from numbers that depend on `seed` alone.
std::vector<std::vector<float>> train_once(const Symbol& symbol, const ShapeMap& shapes,
                                           int64_t budget) {
  Executor exec = symbol.simple_bind(cpu(), shapes, {.memory_budget = budget});
  const auto fill = [](Array array, uint64_t seed) {
    std::vector<float> values(size_t(array.elements()));
    for (size_t i = 0; i < values.size(); ++i) values[i] = (uniform_at({seed, 7}, i) - 0.5f) / 8;
    array.copy_from(Array::from(values, array.shape()));
  };
  for (size_t i = 0; i < exec.arguments().size(); ++i) fill(exec.arguments()[i], i);
  for (Array array : exec.auxiliaries()) array.copy_from(Array::full(array.shape(), 1));
  seed_random(1);
  exec.forward(Mode::train);
  exec.backward();
  std::vector<std::vector<float>> found;
  for (const auto* list : {&exec.outputs(), &exec.gradients(), &exec.auxiliaries()}) {
    for (const Array& array : *list) found.push_back(array.to_vector<float>());
  }
  std::printf("%-13s %-8s %9.1f MiB of internal memory\n", "", "ran in",
              mib(int64_t(exec.allocated_bytes())));
  return found;
}

// Runs a step in all and in half of its memory and compares every bit.
bool check(const Net& net, const Symbol& symbol, int64_t batch) {
  const ShapeMap shapes = {{"data", {batch, 3, 224, 224}}, {"softmax_label", {batch}}};
  ProgramOptions options;
  options.shapes = shapes;
  options.default_request = Request::write;
  const int64_t whole = Program::compile(symbol, options)->memory_plan().total_bytes;
  try {
    options.memory_budget = whole / 2;
    Program::compile(symbol, options);
  } catch (const Error&) {
    return true;  // which report() has said
  }
  const auto expected = train_once(symbol, shapes, 0),
             found = train_once(symbol, shapes, whole / 2);
  size_t differing = 0;
  for (size_t i = 0; i < expected.size(); ++i) {
    differing +=
        std::memcmp(expected[i].data(), found[i].data(), expected[i].size() * sizeof(float)) != 0;
  }
  std::printf("%-13s %-8s %zu of %zu outputs, gradients and states differ\n", net.name, "check",
              differing, expected.size());
  return differing == 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Planned memory of known networks, in MiB, beside MXNet 1.9.1's.",
               "bench_graph_memory");
  const char* const variable = std::getenv("TREADLE_NETS");
  std::string folder = variable != nullptr ? variable : "../shared/reference/models/nets", only;
  int64_t batch = 64;
  bool is_verbose = false, halves = true, checks = false;
  app.add_option("folder", folder, "Where the networks' -symbol.json files are ($TREADLE_NETS)");
  app.add_option("--only", only, "A part of the name of the networks to look at");
  app.add_option("--batch", batch, "Images in a batch (64; MXNet's figures are for 64)");
  app.add_flag("!--no-recompute", halves, "Do not plan training in half its memory as well");
  app.add_flag("--check", checks, "Run a training step in half its memory and compare every bit");
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
      if (checks && !check(net, symbol, batch)) return 1;
    } catch (const std::exception& error) {
      std::fprintf(stderr, "%s: %s\n", net.name, error.what());
      return 1;
    }
  }
}
