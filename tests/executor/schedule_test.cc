// The schedule pass inside the compiler: less memory, the same bits.
#include <algorithm>

#include "support.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Two wide branches joined at the end; the first stays wide to the join, the second is narrowed
// before it. As the symbol has it, both wide arrays are alive at once.
Symbol wide_and_narrowed() {
  const Symbol data = Symbol::variable("data");
  const Symbol wide = FullyConnected{.num_hidden = 4000}(data, "wide");
  const Symbol other = FullyConnected{.num_hidden = 4000}(data, "other");
  const Symbol narrow = FullyConnected{.num_hidden = 1}(other, "narrow");
  return apply("dot", {wide, narrow}, "join", {{"transpose_a", "True"}});  // (4000, 1)
}

std::vector<std::string> step_names(const Executor& exec) {
  std::vector<std::string> names;
  for (const Step& step : exec.program()->steps()) names.push_back(step.name);
  return names;
}

// Everything that a training step leaves behind.
std::vector<std::vector<float>> run(Executor& exec) {
  fill_randomly(exec, 17);
  for (Array state : exec.auxiliaries()) state.fill(0.5);
  for (int step = 0; step < 3; ++step) {
    exec.forward(Mode::train);
    const Array heads[] = {random_array(exec.outputs()[0].shape(), 23)};
    if (exec.program()->has_gradients()) exec.backward(heads);
  }
  std::vector<std::vector<float>> left;
  for (const auto* arrays : {&exec.outputs(), &exec.gradients(), &exec.auxiliaries()}) {
    for (const Array& array : *arrays) {
      if (array.is_valid()) left.push_back(array.to_vector<float>());
    }
  }
  return left;
}

}  // namespace

TEST_CASE("a branch that is narrowed goes before one that stays wide", "[executor][memory]") {
  const ShapeMap shapes = {{"data", {8, 16}}};
  const BindOptions forward{.default_request = Request::null};
  Executor exec = wide_and_narrowed().simple_bind(cpu(), shapes, forward);
  CHECK(step_names(exec) == std::vector<std::string>{"other", "narrow", "wide", "join"});
  const int64_t wide = 8 * 4000 * 4;
  CHECK(exec.program()->memory_plan().total_bytes < 2 * wide);

  Executor plain = wide_and_narrowed().simple_bind(
      cpu(), shapes, {.default_request = Request::null, .reuses_memory = false});
  CHECK(step_names(plain) == std::vector<std::string>{"wide", "other", "narrow", "join"});
  CHECK(run(exec) == run(plain));
}

TEST_CASE("who uses a state does so in the order of the symbol", "[executor][memory]") {
  // Both branches update the same moving averages; the second one would like to go first.
  const Symbol data = Symbol::variable("data"), mean = Symbol::variable("mean"),
               variance = Symbol::variable("variance"), gamma = Symbol::variable("gamma"),
               beta = Symbol::variable("beta");
  const auto normalise = [&](const Symbol& x, const std::string& name) {
    return apply("BatchNorm", {x, gamma, beta, mean, variance}, name,
                 {{"fix_gamma", "False"}, {"momentum", "0.5"}});
  };
  const auto widen = [&](const Symbol& x, const std::string& name) {
    return FullyConnected{.num_hidden = 4000}(x, name);
  };
  const Symbol wide = widen(normalise(data, "first"), "wide");
  const Symbol narrow =
      FullyConnected{.num_hidden = 1}(widen(normalise(data * 2.0, "second"), "other"), "narrow");
  const Symbol net = apply("dot", {wide, narrow}, "join", {{"transpose_a", "True"}});
  const ShapeMap shapes = {{"data", {8, 16}}};
  for (const Request request : {Request::null, Request::write}) {
    Executor exec = net.simple_bind(cpu(), shapes, {.default_request = request});
    Executor plain =
        net.simple_bind(cpu(), shapes, {.default_request = request, .reuses_memory = false});
    const std::vector<std::string> names = step_names(exec);
    CHECK(std::ranges::find(names, "first") < std::ranges::find(names, "second"));
    if (request == Request::null) CHECK(names != step_names(plain));
    CHECK(run(exec) == run(plain));
  }
}
