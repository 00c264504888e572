#include "treadle/graph/node.h"

#include <utility>

namespace treadle {

namespace {

// Lets go of a node and of all that it alone keeps alive: depth first, without recursion and
// without memory. On the way down a node keeps its parent in place of the input that is being taken
// apart.
void dismantle(std::shared_ptr<Node> node) noexcept {
  std::shared_ptr<Node> parent;
  while (true) {
    if (node && node.use_count() == 1 && !node->inputs.empty()) {
      std::shared_ptr<Node> child = std::exchange(node->inputs.back().node, std::move(parent));
      parent = std::move(node);
      node = std::move(child);
      continue;
    }
    node = std::move(parent);
    if (!node) return;
    parent = std::move(node->inputs.back().node);
    node->inputs.pop_back();
  }
}

}  // namespace

Node::~Node() {
  for (NodeEntry& input : inputs) dismantle(std::move(input.node));
}

std::string Node::describe() const {
  return op ? concat(op->name, "(", name, ")") : concat("variable '", name, "'");
}

}  // namespace treadle
