// The compiler around the simplification pass: all that refers to nodes follows them.
#include "treadle/graph/simplify.h"
#include "treadle/executor/compiler.h"

namespace treadle {

void ProgramCompiler::simplify() {
  std::vector<int> first_entry;
  for (const GraphNode& node : graph().nodes) first_entry.push_back(node.first_entry);
  SimplifiedGraph made =
      treadle::simplify(std::move(graph()), num_forward_nodes_, gradient_of_argument_);
  graph() = std::move(made.graph);
  if (made.origin_of.size() == first_entry.size()) return;
  num_forward_nodes_ = made.num_forward;

  Annotations annotations;
  for (size_t n = 0; n < graph().nodes.size(); ++n) {
    const int from = first_entry[size_t(made.origin_of[n])];
    for (int i = 0; i < graph().nodes[n].num_outputs; ++i) {
      annotations.shapes.push_back(program_->annotations_.shapes[size_t(from + i)]);
      annotations.types.push_back(program_->annotations_.types[size_t(from + i)]);
    }
  }
  program_->annotations_ = std::move(annotations);
  const auto follow = [&](int& node) {
    if (node >= 0) node = made.node_of[size_t(node)];
  };
  for (std::vector<int>* nodes : {&argument_nodes_, &auxiliary_nodes_, &head_nodes_}) {
    for (int& node : *nodes) follow(node);
  }
  for (Entry& gradient : gradient_of_argument_) follow(gradient.node);
}

}  // namespace treadle
