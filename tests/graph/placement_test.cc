#include "treadle/graph/placement.h"

#include "operators.h"
#include "treadle/graph/gradient.h"
#include "treadle/tests/support/catch.h"

using namespace treadle;
using namespace treadle::testing;

namespace {

const Attributes first = {{"__ctx_group__", "first"}}, second = {{"__ctx_group__", "second"}};

// Two layers, the first with its weights in one group, the second in another.
Symbol two_layers() {
  register_test_operators();
  const Symbol w1 = Symbol::variable("w1", first), w2 = Symbol::variable("w2", second);
  const ParamText params = {{"num_hidden", "4"}, {"no_bias", "1"}};
  const Symbol fc1 = make("test_dense", {Symbol::variable("data"), w1}, params, "fc1", first);
  return make("test_dense", {make("test_act", {fc1}, {{"act_type", "relu"}}, "act"), w2}, params,
              "fc2", second);
}

std::string text_of(const Graph& graph, const std::vector<Device>& devices) {
  std::string text;
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    text += graph.describe(n) + " on " + to_string(devices[size_t(n)]) + "\n";
  }
  return text;
}

}  // namespace

TEST_CASE("nodes are where their group is, others where their inputs or users are", "[graph]") {
  const Graph graph = Graph::from(two_layers());
  const auto devices = place(graph, int(graph.nodes.size()),
                             {.device = cpu(), .groups = {{"first", gpu(0)}, {"second", gpu(1)}}});
  CHECK(text_of(graph, devices) ==
        "variable 'data' on gpu(0)\n"
        "variable 'w1' on gpu(0)\n"
        "test_dense(fc1) on gpu(0)\n"
        "test_act(act) on gpu(0)\n"
        "variable 'w2' on gpu(1)\n"
        "test_dense(fc2) on gpu(1)\n");
}

TEST_CASE("without group2ctx groups mean nothing", "[graph]") {
  const Graph graph = Graph::from(two_layers());
  for (const Device device : place(graph, int(graph.nodes.size()), {.device = gpu(3)})) {
    CHECK(device == gpu(3));
  }
}

TEST_CASE("arrays that are somewhere stay there, and numbers of the host are one", "[graph]") {
  const Graph graph = Graph::from(two_layers());
  const auto devices = place(graph, int(graph.nodes.size()),
                             {.device = gpu(0),
                              .groups = {{"first", cpu(4)}, {"second", gpu(1)}},
                              .variables = {{"w2", cpu(2)}, {"data", gpu(1)}}});
  CHECK(text_of(graph, devices) ==
        "variable 'data' on gpu(1)\n"
        "variable 'w1' on cpu(0)\n"
        "test_dense(fc1) on cpu(0)\n"
        "test_act(act) on cpu(0)\n"
        "variable 'w2' on cpu(0)\n"
        "test_dense(fc2) on gpu(1)\n");
}

TEST_CASE("a group that has no device is refused", "[graph]") {
  const Graph graph = Graph::from(two_layers());
  require_error_matches(
      [&] { place(graph, int(graph.nodes.size()), {.groups = {{"seconds", gpu(0)}}}); },
      {"variable 'w1': its ctx_group 'first' has no device; group2ctx has seconds"});
  require_error_matches(
      [&] {
        place(graph, int(graph.nodes.size()), {.groups = {{"first", gpu(0)}, {"seconds", gpu(0)}}});
      },
      {"variable 'w2'", "Did you mean 'seconds'"});
}

TEST_CASE("each edge between devices gets one copy, before its first reader", "[graph]") {
  Graph forward = Graph::from(two_layers());
  const int num_forward = int(forward.nodes.size());
  const std::vector<int> wanted = {1, 4};
  GradientGraph made = add_gradients(std::move(forward), wanted);
  const auto devices =
      place(made.graph, num_forward, {.groups = {{"first", gpu(0)}, {"second", gpu(1)}}});
  const PlacedGraph placed = cut_edges(made.graph, devices);
  const std::string text = text_of(placed.graph, placed.devices);
  INFO(text);
  CHECK(text.find("test_act(act) on gpu(0)\n"
                  "variable 'w2' on gpu(1)\n"
                  "_CrossDeviceCopy(act_output_to_gpu(1)) on gpu(1)\n"
                  "test_dense(fc2) on gpu(1)\n"
                  "head gradient of fc2_output on gpu(1)\n"
                  "_backward_test_dense(fc2) on gpu(1)\n"
                  "_CrossDeviceCopy(fc2_data_grad_to_gpu(0)) on gpu(0)\n"
                  "_backward_test_act(act) on gpu(0)\n") != std::string::npos);
  // No edge between devices is left but those of the copies, and all indices agree.
  int copies = 0;
  for (size_t n = 0; n < placed.graph.nodes.size(); ++n) {
    const bool is_copy = placed.origin_of[n] < 0;
    copies += is_copy;
    if (!is_copy) CHECK(placed.node_of[size_t(placed.origin_of[n])] == int(n));
    for (const Entry input : placed.graph.nodes[n].inputs) {
      CHECK(input.node < int(n));
      CHECK((placed.devices[size_t(input.node)] == placed.devices[n]) == !is_copy);
    }
  }
  CHECK(copies == 2);
  CHECK(placed.graph.outputs.size() == 1);
  CHECK(placed.graph.entry_name(placed.graph.outputs[0]) == "fc2_output");
}

TEST_CASE("a state that is not with its operator is refused", "[graph]") {
  register_test_operators();
  const Symbol norm = make("test_norm", {Symbol::variable("data", first)}, {}, "norm", first);
  const Graph graph = Graph::from(norm);
  const GroupMap groups = {{"first", gpu(0)}};
  // By itself it goes along.
  const auto together = place(graph, int(graph.nodes.size()), {.groups = groups});
  CHECK(cut_edges(graph, together).graph.nodes.size() == graph.nodes.size());
  const auto apart = place(graph, int(graph.nodes.size()),
                           {.groups = groups, .variables = {{"norm_mean", cpu()}}});
  require_error_matches([&] { cut_edges(graph, apart); },
                        {"test_norm(norm) runs on gpu(0), but its variable 'norm_mean' is on "
                         "cpu(0)",
                         "both must be on one device"});
}
