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

// Two layers of 200 steps, unrolled: 5,224 nodes.
Symbol lstm(int steps) {
  constexpr int hidden = 200, layers = 2, vocabulary = 10000;
  const Symbol embedded =
      Embedding{.input_dim = vocabulary, .output_dim = hidden}(Symbol::variable("data"), "embed");
  const Symbol words = SliceChannel{.num_outputs = steps, .squeeze_axis = true}(embedded, "words");
  std::vector<Symbol> cells, states, outputs;
  std::vector<FullyConnected::Inputs> from_input(layers), from_state(layers);
  for (int layer = 0; layer < layers; ++layer) {
    const std::string prefix = "l" + std::to_string(layer);
    cells.push_back(Symbol::variable(prefix + "_init_c"));
    states.push_back(Symbol::variable(prefix + "_init_h"));
    from_input[layer] = {.weight = Symbol::variable(prefix + "_i2h_weight"),
                         .bias = Symbol::variable(prefix + "_i2h_bias")};
    from_state[layer] = {.weight = Symbol::variable(prefix + "_h2h_weight"),
                         .bias = Symbol::variable(prefix + "_h2h_bias")};
  }
  for (int t = 0; t < steps; ++t) {
    Symbol x = words[t];
    for (int layer = 0; layer < layers; ++layer) {
      from_input[layer].data = x;
      from_state[layer].data = states[layer];
      const FullyConnected product{.num_hidden = 4 * hidden};
      const Symbol gates = product(from_input[layer]) + product(from_state[layer]);
      const Symbol four = SliceChannel{.num_outputs = 4}(gates);
      const Activation sigmoid{.act_type = ActType::sigmoid}, tanh{.act_type = ActType::tanh};
      const Symbol in = sigmoid(four[0]), value = tanh(four[1]), forget = sigmoid(four[2]),
                   out = sigmoid(four[3]);
      cells[layer] = forget * cells[layer] + in * value;
      states[layer] = out * tanh(cells[layer]);
      x = states[layer];
    }
    outputs.push_back(x);
  }
  const Symbol all = Concat{.dim = 0}(outputs, "all");
  return SoftmaxOutput{}(FullyConnected{.num_hidden = vocabulary}(all, "cls"), "softmax");
}

template <class Call>
double milliseconds(Call&& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double median(std::vector<double> times) {
  std::ranges::nth_element(times, times.begin() + long(times.size() / 2));
  return times[times.size() / 2];
}

// Binds the caller's arrays: `cold`, a symbol that was never bound, `warm`, one that was; the
// executor's end included.
void report(const char* name, const Symbol& net, const ShapeMap& shapes, Request request,
            int repetitions, const std::string& only) {
  if (std::string_view(name).find(only) == std::string_view::npos) return;
  Bindings bindings;
  std::vector<double> cold, warm;
  size_t steps = 0;
  {
    const Executor exec = net.simple_bind(cpu(), shapes, {.default_request = request});
    steps = exec.program()->steps().size();
    for (size_t i = 0; i < exec.arguments().size(); ++i) {
      const std::string& argument = exec.program()->argument_names()[i];
      bindings.arguments[argument] = exec.arguments()[i];
      if (request != Request::null) bindings.gradients[argument] = exec.gradients()[i];
    }
    for (size_t i = 0; i < exec.auxiliaries().size(); ++i)
      bindings.auxiliaries[exec.program()->auxiliary_names()[i]] = exec.auxiliaries()[i];
  }
  for (int i = 0; i < repetitions; ++i) {
    const Symbol copy = net.deep_copy();
    cold.push_back(milliseconds([&] { Executor::bind(copy, cpu(), bindings); }));
  }
  const Executor first = Executor::bind(net, cpu(), bindings);
  for (int i = 0; i < 10 * repetitions; ++i)
    warm.push_back(milliseconds([&] { Executor::bind(net, cpu(), bindings); }));
  std::printf("%-30s %6zu %10.3f %10.3f %10.4f %10.4f\n", name, steps, median(cold),
              *std::ranges::min_element(cold), median(warm), *std::ranges::min_element(warm));
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Milliseconds of bind.", "bench_graph_bind");
  const char* const variable = std::getenv("TREADLE_NETS");
  std::string folder = variable != nullptr ? variable : "../shared/reference/models/nets", only;
  int repetitions = 11;
  app.add_option("folder", folder, "Where resnet50-symbol.json is ($TREADLE_NETS), if anywhere");
  app.add_option("--repetitions", repetitions, "How often each is bound")
      ->check(CLI::Range(1, 1000000));
  app.add_option("--only", only, "A part of the name of what to bind");
  CLI11_PARSE(app, argc, argv);

  std::printf("%-30s %6s %10s %10s %10s %10s\n", "", "steps", "cold, ms", "least", "warm, ms",
              "least");
  report("chain of 1,000, forward", chain(1000), {{"data", {1}}}, Request::null, repetitions, only);
  report("chain of 5,000, forward", chain(5000), {{"data", {1}}}, Request::null, repetitions, only);
  report("chain of 1,000, train", chain(1000), {{"data", {1}}}, Request::write, repetitions, only);
  report("LeNet, batch of 64, train", lenet(), {{"data", {64, 1, 28, 28}}, {"softmax_label", {64}}},
         Request::write, repetitions, only);
  report("LSTM of 200 steps, train", lstm(200),
         {{"data", {4, 200}},
          {"softmax_label", {800}},
          {"l0_init_c", {4, 200}},
          {"l1_init_c", {4, 200}},
          {"l0_init_h", {4, 200}},
          {"l1_init_h", {4, 200}}},
         Request::write, repetitions, only);
  const std::filesystem::path file = std::filesystem::path(folder) / "resnet50-symbol.json";
  if (std::filesystem::exists(file)) {
    report("ResNet-50, batch of 1, train", Symbol::load(file.string()),
           {{"data", {1, 3, 224, 224}}, {"softmax_label", {1}}}, Request::write, repetitions, only);
  } else {
    std::printf("ResNet-50 is left out: there is no '%s'.\n", file.string().c_str());
  }
}
