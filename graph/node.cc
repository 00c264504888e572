#include "treadle/graph/node.h"

#include <utility>

namespace treadle {

Node::~Node() {
  std::vector<NodeEntry> orphans = std::move(inputs);
  while (!orphans.empty()) {
    const std::shared_ptr<Node> node = std::move(orphans.back().node);
    orphans.pop_back();
    // The last owner takes the node's inputs over before the node dies, so that no chain recurses.
    if (node.use_count() == 1) {
      for (NodeEntry& input : node->inputs) orphans.push_back(std::move(input));
      node->inputs.clear();
    }
  }
}

std::string Node::describe() const {
  return op ? concat(op->name, "(", name, ")") : concat("variable '", name, "'");
}

}  // namespace treadle
