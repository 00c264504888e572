#include "treadle/graph/recompute.h"

#include <algorithm>

#include "treadle/graph/gradient.h"
#include "treadle/graph/infer.h"
#include "treadle/tests/graph/operators.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

// Activations one behind the other, whose gradients read what they computed, and the gradient.
struct Chain {
  Graph graph;
  int num_forward;
  Annotations known;

  explicit Chain(int length, const Attributes& attributes = {}) {
    Symbol x = Symbol::variable("x");
    for (int i = 0; i < length; ++i) {
      x = make("test_act", {x}, {{"act_type", "relu"}}, "act" + std::to_string(i), attributes);
    }
    Graph forward = Graph::from(x);
    num_forward = int(forward.nodes.size());
    known.shapes = infer_shapes(forward, {{"x", {4, 8}}}, false);
    known.types = infer_types(forward, {{"x", DType::f32}});
    const int wanted[] = {0};
    graph = add_gradients(std::move(forward), wanted).graph;
    annotate_appended(graph, num_forward, known);
  }
};

}  // namespace

TEST_CASE("backward reads repetitions of what is recomputed, forward stays as it is", "[graph]") {
  const Chain chain(4);  // nodes: x, act0 ... act3
  std::vector<bool> chosen(5, false);
  chosen[2] = chosen[3] = true;
  const RecomputedGraph made = recompute(chain.graph, chain.num_forward, chosen);
  REQUIRE(made.graph.nodes.size() == chain.graph.nodes.size() + 2);
  for (int n = 0; n < chain.num_forward; ++n) {
    CHECK(made.origin_of[size_t(n)] == n);
    CHECK(made.graph.nodes[size_t(n)].inputs == chain.graph.nodes[size_t(n)].inputs);
  }
  CHECK(made.graph.outputs == chain.graph.outputs);
  int repetitions = 0;
  for (int n = chain.num_forward; n < int(made.graph.nodes.size()); ++n) {
    const GraphNode& node = made.graph.nodes[size_t(n)];
    for (Entry input : node.inputs) {
      CHECK(input.node < n);
      // What is repeated is read by forward alone.
      CHECK(input.node != 2);
      CHECK(input.node != 3);
    }
    if (made.node_of[size_t(made.origin_of[size_t(n)])] == n) continue;
    ++repetitions;
    CHECK(node.forward == made.origin_of[size_t(n)]);  // and so it has the same random numbers
    CHECK(node.op == chain.graph.nodes[size_t(node.forward)].op);
  }
  CHECK(repetitions == 2);
}

TEST_CASE("segments keep what is read across a cut, outputs and the last segment", "[graph]") {
  const Chain chain(40);
  const auto choose = [&](RecomputePolicy policy) {
    return choose_recomputed(chain.graph, chain.num_forward, chain.known, policy);
  };
  using Scope = RecomputePolicy::Scope;
  const std::vector<bool> chosen = choose({Scope::cheap, 4});
  REQUIRE(chosen.size() == size_t(chain.num_forward));
  const auto kept = std::ranges::count(chosen, false);
  CHECK(kept >= 10 + 4);  // the last segment, three cuts, and x
  CHECK(kept <= 20);
  CHECK_FALSE(chosen.back());
  CHECK(std::ranges::count(choose({Scope::cheap, 8}), false) != kept);
  // Nothing is marked; then everything is, and only the output is kept.
  CHECK(std::ranges::count(choose({Scope::marked, 1}), true) == 0);
  const Chain marked(5, {{"__force_mirroring__", "True"}});
  CHECK(has_marked_nodes(marked.graph, marked.num_forward));
  CHECK_FALSE(has_marked_nodes(chain.graph, chain.num_forward));
  CHECK(choose_recomputed(marked.graph, marked.num_forward, marked.known, {Scope::marked, 1}) ==
        std::vector<bool>{false, true, true, true, true, false});
}

}  // namespace treadle::testing
