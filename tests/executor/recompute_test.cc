// Backward computes again what forward did not keep: the same bits in less memory.
#include <cstdlib>

#include "support.h"
#include "treadle/operators/random.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

// Layers x = x + tanh(FullyConnected(x)), and a loss.
Symbol residual_chain(int layers, int width) {
  Symbol x = Symbol::variable("data");
  for (int i = 0; i < layers; ++i) {
    const std::string name = "layer" + std::to_string(i);
    const Symbol product =
        FullyConnected{.num_hidden = width, .no_bias = true}(x, name + "_product");
    x = x + Activation{.act_type = ActType::tanh}(product, name + "_tanh");
  }
  return apply("MakeLoss", {x}, "loss");
}

struct Results {
  std::vector<std::vector<float>> arrays;
};

// Two steps from the same numbers and the same seed: outputs, gradients, states.
Results run_twice(const Executor& bound) {
  Executor exec = bound;
  seed_random(11);
  fill_randomly(exec, 5, 0.1f);
  for (Array state : exec.auxiliaries()) state.fill(0.5);
  Results results;
  for (int step = 0; step < 2; ++step) {
    exec.forward(Mode::train);
    exec.backward();
    const auto collect = [&](const std::vector<Array>& arrays) {
      for (const Array& array : arrays) {
        if (array.is_valid()) results.arrays.push_back(array.to_vector<float>());
      }
    };
    collect(exec.outputs());
    collect(exec.gradients());
    collect(exec.auxiliaries());
  }
  return results;
}

int64_t planned(const Executor& exec) { return exec.program()->memory_plan().total_bytes; }

// The least that a budget can be, from the sentence that refuses one of a byte.
int64_t least_budget(const Symbol& net, const ShapeMap& shapes) {
  const std::string error = error_of([&] { net.simple_bind(cpu(), shapes, {.memory_budget = 1}); });
  const std::string before = "at least ";
  const size_t at = error.find(before);
  REQUIRE(at != std::string::npos);
  return std::stoll(error.substr(at + before.size()));
}

// Sets a variable of the environment while it lives.
class WithVariable {
 public:
  WithVariable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~WithVariable() { unsetenv(name_); }
  WithVariable(const WithVariable&) = delete;
  WithVariable& operator=(const WithVariable&) = delete;

 private:
  const char* name_;
};

}  // namespace

TEST_CASE("a budget of memory is met, with the same bits", "[executor][memory][recompute]") {
  const Symbol net = residual_chain(60, 16);
  const ShapeMap shapes = {{"data", {64, 16}}};
  const Executor plain = net.simple_bind(cpu(), shapes);
  const int64_t budget = planned(plain) / 2;
  const Executor tight = net.simple_bind(cpu(), shapes, {.memory_budget = budget});
  CHECK(planned(tight) <= budget);
  CHECK(tight.allocated_bytes() == size_t(planned(tight)));
  CHECK(tight.program()->recomputation().nodes > 0);
  CHECK(tight.program()->debug_str().find("recomputed: ") != std::string::npos);
  CHECK(run_twice(plain).arrays == run_twice(tight).arrays);
  // What fits already is left as it is.
  const Executor roomy = net.simple_bind(cpu(), shapes, {.memory_budget = planned(plain)});
  CHECK(roomy.program()->recomputation().nodes == 0);
}

TEST_CASE("a chain of 1,000 residual layers trains in the square root of its memory",
          "[executor][memory][recompute]") {
  const ShapeMap shapes = {{"data", {64, 16}}};
  const int64_t short_least = least_budget(residual_chain(250, 16), shapes);
  const Symbol net = residual_chain(1000, 16);
  const int64_t least = least_budget(net, shapes);
  CHECK(double(least) < 2.4 * double(short_least));  // 2 is the root of 4
  const Executor plain = net.simple_bind(cpu(), shapes);
  const Executor tight = net.simple_bind(cpu(), shapes, {.memory_budget = least});
  CHECK(planned(tight) == least);
  CHECK(planned(tight) * 8 < planned(plain));
  CHECK(tight.program()->recomputation().share <= 0.35);
  CHECK(run_twice(plain).arrays == run_twice(tight).arrays);
}

TEST_CASE("random draws and states are as without recomputation", "[executor][memory][recompute]") {
  Symbol net = Symbol::variable("data");
  for (int i = 0; i < 8; ++i) {
    const std::string name = "layer" + std::to_string(i);
    net = Convolution{.kernel = {3, 3}, .pad = {1, 1}, .num_filter = 4}(net, name + "_conv");
    net = BatchNorm{.fix_gamma = false}(net, name + "_bn");
    net = Activation{.act_type = ActType::relu}(net, name + "_relu");
    if (i % 3 == 0) net = Dropout{.p = 0.4f}(net, name + "_drop");
  }
  net = SoftmaxOutput{}(FullyConnected{.num_hidden = 3}(net, "fc"), "softmax");
  const ShapeMap shapes = {{"data", {4, 4, 12, 12}}, {"softmax_label", {4}}};
  const Executor plain = net.simple_bind(cpu(), shapes);
  const Executor tight =
      net.simple_bind(cpu(), shapes, {.memory_budget = least_budget(net, shapes)});
  CHECK(planned(tight) < planned(plain));
  CHECK(run_twice(plain).arrays == run_twice(tight).arrays);
}

TEST_CASE("a budget that cannot be met is refused with the least that can",
          "[executor][memory][recompute][errors]") {
  const Symbol net = residual_chain(20, 8);
  const ShapeMap shapes = {{"data", {8, 8}}};
  require_error_matches(
      [&] { net.simple_bind(cpu(), shapes, {.memory_budget = 64}); },
      {"memory budget of 64 bytes cannot be met", "at least", "Raise memory_budget"});
  const int64_t least = least_budget(net, shapes);
  CHECK(planned(net.simple_bind(cpu(), shapes, {.memory_budget = least})) == least);
}

TEST_CASE("mirroring by attribute and by environment lowers memory or changes nothing",
          "[executor][memory][recompute]") {
  const ShapeMap shapes = {{"data", {64, 16}}};
  const Executor plain = residual_chain(30, 16).simple_bind(cpu(), shapes);
  {
    const WithVariable mirrors("MXNET_BACKWARD_DO_MIRROR", "1");
    const Executor mirrored = residual_chain(30, 16).simple_bind(cpu(), shapes);
    CHECK(planned(mirrored) < planned(plain));
    CHECK(run_twice(plain).arrays == run_twice(mirrored).arrays);
    const Executor net = small_net().simple_bind(cpu(), small_net_shapes());
    const WithVariable off("MXNET_BACKWARD_DO_MIRROR", "0");
    CHECK(planned(net) <= planned(small_net().simple_bind(cpu(), small_net_shapes())));
  }
  Symbol marked = residual_chain(30, 16);
  const Symbol internals = marked.internals();
  for (const NodeEntry& entry : internals.outputs()) {
    if (entry.node->name.ends_with("_tanh")) entry.node->attributes["__force_mirroring__"] = "True";
  }
  const Executor mirrored = marked.simple_bind(cpu(), shapes);
  CHECK(planned(mirrored) <= planned(plain));
  CHECK(run_twice(plain).arrays == run_twice(mirrored).arrays);
}
