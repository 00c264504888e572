// What oneDNN's kernels promise besides numbers, which the sweep compares with the references.
#include <thread>

#include "treadle/device/pool.h"
#include "treadle/tests/operators/node_runner.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

bool is_built_in() {
  const auto& list = OpRegistry::instance()
                         .get("Convolution")
                         .attributes.get<Implementations<DeviceKind::cpu>>()
                         ->list;
  return std::string_view(list.front().name) == "onednn";
}

HostArray numbered(const TensorSpec& spec, int seed) {
  HostArray made(spec);
  for (int64_t i = 0; i < made.elements(); ++i) {
    made.set(i, double((i * 31 + seed * 7) % 1009 - 504) / 512);
  }
  return made;
}

// Forward and backward nodes of layers whose primitives are of different kinds: plain, blocked and
// channels-last convolutions, products, poolings, normalisation.
std::vector<NodeProblem> layers() {
  struct Layer {
    const char* op;
    ParamText params;
    Shape data;
  };
  std::vector<NodeProblem> made;
  for (const Layer& layer : {
           Layer{"Convolution", {{"kernel", "(5, 5)"}, {"num_filter", "20"}}, {8, 1, 28, 28}},
           Layer{"Convolution", {{"kernel", "(5, 5)"}, {"num_filter", "50"}}, {8, 20, 12, 12}},
           Layer{"Convolution",
                 {{"kernel", "(3, 3)"}, {"num_filter", "32"}, {"pad", "(1, 1)"}},
                 {4, 16, 14, 14}},
           Layer{"Convolution",
                 {{"kernel", "(3, 3)"}, {"num_filter", "8"}, {"num_group", "4"}},
                 {4, 8, 9, 9}},
           Layer{"FullyConnected", {{"num_hidden", "500"}}, {64, 800}},
           Layer{"FullyConnected", {{"num_hidden", "10"}}, {64, 500}},
           Layer{"Pooling", {{"kernel", "(2, 2)"}, {"stride", "(2, 2)"}}, {8, 20, 24, 24}},
           Layer{"Pooling",
                 {{"kernel", "(3, 3)"}, {"pool_type", "avg"}, {"pad", "(1, 1)"}},
                 {8, 8, 12, 12}},
           Layer{"BatchNorm", {{"fix_gamma", "False"}}, {8, 16, 12, 12}},
       }) {
    const OpRunner runner(layer.op, layer.params, {layer.data}, DType::f32);
    std::vector<HostArray> inputs, heads;
    for (int i = 0; i < int(runner.input_names().size()); ++i) {
      inputs.push_back(numbered(runner.input_spec(i), i));
    }
    if (runner.num_states() > 0) inputs.back().fill(1);  // a variance
    for (int i = 0; i < runner.num_outputs(); ++i)
      heads.push_back(numbered(runner.output_spec(i), i + 9));
    for (NodeProblem& node : runner.backward(inputs, heads).own_nodes)
      made.push_back(std::move(node));
  }
  return made;
}

RunOptions by_onednn(Pool* pool) {
  RunOptions options;
  options.implementation = "onednn";
  options.pool = pool;
  return options;
}

std::string refusal(std::string_view op, const ParamText& params, const Shape& data, DType type) {
  const OpRunner runner(op, params, {data}, type);
  std::vector<HostArray> inputs;
  for (int i = 0; i < int(runner.input_names().size()); ++i) {
    inputs.push_back(numbered(runner.input_spec(i), i));
  }
  return error_of([&] { run_node(runner.problem(inputs), by_onednn(nullptr)); });
}

void require_same_bits(const NodeAnswer& actual, const NodeAnswer& expected) {
  for (size_t i = 0; i < expected.outputs.size(); ++i) {
    INFO("output " << i);
    const bool has_same_bits = actual.outputs[i].has_same_bits(expected.outputs[i]);
    REQUIRE(has_same_bits);
  }
}

}  // namespace

TEST_CASE("oneDNN gives the same bits for any number of workers, on any pool", "[operators]") {
  if (!is_built_in()) {
    SUCCEED("built without oneDNN");
    return;
  }
  const auto one = make_pool({.concurrency = 1, .kernel_width = 2});
  const auto two = make_pool({.concurrency = 2, .kernel_width = 2});
  const auto three = make_pool({.concurrency = 3, .kernel_width = 2});
  const auto plain_threads = make_thread_pool({.concurrency = 2});
  for (const NodeProblem& layer : layers()) {
    INFO(layer.who << " on data " << layer.inputs[0].spec().shape);
    const NodeAnswer expected = run_node(layer, by_onednn(one.get()));
    for (const auto& pool : {two, three, plain_threads}) {
      require_same_bits(run_node(layer, by_onednn(pool.get())), expected);
    }
    NodeAnswer inside;
    two->enter([&] { inside = run_node(layer, by_onednn(two.get())); });
    require_same_bits(inside, expected);
  }
}

TEST_CASE("one prepared kernel runs on several threads at once", "[operators]") {
  if (!is_built_in()) {
    SUCCEED("built without oneDNN");
    return;
  }
  const auto pool = make_pool({.concurrency = 2});
  for (const NodeProblem& layer : layers()) {
    INFO(layer.who);
    const NodeAnswer expected = run_node(layer, by_onednn(pool.get()));
    std::vector<TensorSpec> specs;
    for (const HostArray& input : layer.inputs) specs.push_back(input.spec());
    const std::vector<Request> requests(layer.outputs.size(), Request::write);
    KernelQuery query;
    query.params = layer.params.get();
    query.inputs = specs;
    query.outputs = layer.outputs;
    query.requests = requests;
    const Choice choice = choose_kernel(*layer.op, query, layer.who, "onednn");

    std::vector<int> wrong(4, 0);
    std::vector<std::thread> threads;
    for (int& count : wrong) {
      threads.emplace_back([&] {
        for (int round = 0; round < 5; ++round) {
          std::vector<HostArray> inputs = layer.inputs, outputs;
          std::vector<void*> read, written;
          for (HostArray& input : inputs) read.push_back(input.data());
          for (const TensorSpec& spec : layer.outputs) outputs.emplace_back(spec);
          for (HostArray& output : outputs) written.push_back(output.data());
          HostArray scratch({Shape{int64_t(choice.kernel->scratch_bytes()) + 1}, DType::u8});
          KernelRun run;
          run.inputs = read;
          run.outputs = written;
          run.scratch = scratch.data();
          run.pool = pool.get();
          run.mode = Mode::train;
          choice.kernel->run(run);
          for (size_t i = 0; i < outputs.size(); ++i) {
            count +=
                !outputs[i].has_same_bits(expected.outputs[i]) || !outputs[i].has_intact_guards();
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (int count : wrong) REQUIRE(count == 0);
  }
}

TEST_CASE("a large batch is convolved in slices, whose copies stay within a bound", "[operators]") {
  if (!is_built_in()) return;
  // Copies of data and output in another layout are 64 MiB for all images at once.
  const Shape all = {16, 32, 128, 128};
  const ParamText params = {{"kernel", "(1, 1)"}, {"num_filter", "32"}};
  const OpRunner runner("Convolution", params, {all}, DType::f32);
  std::vector<HostArray> inputs, heads = {numbered(runner.output_spec(0), 9)};
  for (int i = 0; i < 3; ++i) inputs.push_back(numbered(runner.input_spec(i), i));
  const auto nodes = runner.backward(inputs, heads).own_nodes;
  REQUIRE(nodes.size() == 2);
  for (const NodeProblem& node : nodes) {
    RunOptions reference = by_onednn(nullptr);
    reference.implementation = "reference";
    const NodeAnswer expected = run_node(node, reference),
                     made = run_node(node, by_onednn(nullptr));
    std::vector<TensorSpec> specs;
    for (const HostArray& input : node.inputs) specs.push_back(input.spec());
    const std::vector<Request> requests(node.outputs.size(), Request::write);
    const Choice choice = choose_kernel(*node.op,
                                        {.device = cpu(),
                                         .params = node.params.get(),
                                         .inputs = specs,
                                         .outputs = node.outputs,
                                         .requests = requests},
                                        node.who, "onednn");
    // Forward copies two arrays of a slice, backward a third.
    CHECK(choice.kernel->scratch_bytes() <= size_t{49} << 20);
    for (size_t i = 0; i < expected.outputs.size(); ++i) {
      CHECK(difference(made.outputs[i], expected.outputs[i]) < 1e-4);
    }
  }
}

TEST_CASE("oneDNN says why it refuses", "[operators]") {
  if (!is_built_in()) {
    SUCCEED("built without oneDNN");
    return;
  }
  const auto require_reason = [](const std::string& message, std::string_view words) {
    INFO(message);
    const bool names_who =
        message.find("(node): no implementation takes these arrays.") != std::string::npos;
    const bool says_why = message.find(words) != std::string::npos;
    REQUIRE(names_who);
    REQUIRE(says_why);
  };
  const ParamText full = {{"kernel", "(3, 3)"},
                          {"stride", "(2, 2)"},
                          {"pooling_convention", "full"},
                          {"pool_type", "avg"}};
  require_reason(refusal("FullyConnected", {{"num_hidden", "2"}}, {2, 3}, DType::f64),
                 "onednn: only float32 is computed with it, not float64");
  require_reason(
      refusal("Convolution", {{"kernel", "(1,)"}, {"num_filter", "2"}}, {1, 2, 3}, DType::f16),
      "onednn: only float32 is computed with it, not float16");
  require_reason(refusal("BatchNorm", {}, {2, 3}, DType::f64), "onednn: only float32");
  require_reason(
      refusal("Pooling", {{"kernel", "(2,)"}, {"pool_type", "sum"}}, {1, 2, 5}, DType::f32),
      "onednn: there is no sum pooling in it");
  require_reason(refusal("Pooling", full, {1, 2, 6, 6}, DType::f32),
                 "onednn: the last window reaches past the padding");
  require_reason(refusal("Pooling", {{"kernel", "(2,)"}, {"pad", "(2,)"}}, {1, 2, 5}, DType::f32),
                 "onednn: a window may lie in the padding alone");
}

}  // namespace treadle::testing
