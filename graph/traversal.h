// Walking the user's DAG.
#pragma once

#include <memory>
#include <unordered_set>
#include <vector>

#include "treadle/graph/node.h"

namespace treadle {

// Calls `visit` on every node the outputs depend on: inputs before users, inputs in order, each
// once. With a stack of its own, so that the depth of a graph is limited by memory only.
template <class Visit>
void visit_depth_first(const std::vector<NodeEntry>& outputs, Visit&& visit) {
  struct Frame {
    const std::shared_ptr<Node>* node;
    size_t next_input;
  };
  std::unordered_set<const Node*> seen;
  std::vector<Frame> stack;
  for (const NodeEntry& output : outputs) {
    if (!seen.insert(output.node.get()).second) continue;
    stack.push_back({&output.node, 0});
    while (!stack.empty()) {
      Frame& top = stack.back();
      const std::vector<NodeEntry>& inputs = (*top.node)->inputs;
      if (top.next_input == inputs.size()) {
        const std::shared_ptr<Node>& done = *top.node;
        stack.pop_back();
        visit(done);
        continue;
      }
      const std::shared_ptr<Node>& input = inputs[top.next_input++].node;
      if (seen.insert(input.get()).second) stack.push_back({&input, 0});
    }
  }
}

}  // namespace treadle
