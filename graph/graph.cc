#include "treadle/graph/graph.h"

#include <sstream>
#include <unordered_map>

#include "treadle/graph/op_inputs.h"
#include "treadle/graph/symbol.h"
#include "treadle/graph/traversal.h"

namespace treadle {

Graph Graph::from(const Symbol& symbol) {
  if (symbol.is_empty()) {
    throw Error("The symbol is empty: it has no outputs. Compose an operator or a variable first.");
  }
  Graph graph;
  std::unordered_map<const Node*, int> index;
  visit_depth_first(symbol.outputs(), [&](const std::shared_ptr<Node>& node) {
    GraphNode made;
    made.source = node;
    made.op = node->op;
    made.params = node->params;
    made.num_outputs = node->num_outputs();
    made.inputs.reserve(node->inputs.size());
    const auto moved = [&](const NodeEntry& input) {
      return Entry{index.find(input.node.get())->second, input.output};
    };
    if (!node->op || node->op->auxiliaries(node->params.get()).empty()) {
      for (const NodeEntry& input : node->inputs) made.inputs.push_back(moved(input));
    } else {
      const std::vector<OpInput> roles = all_inputs(*node->op, node->params.get());
      for (const bool states : {false, true}) {
        for (size_t i = 0; i < node->inputs.size(); ++i) {
          if (roles[i].is_state() != states) continue;
          made.inputs.push_back(moved(node->inputs[i]));
          made.num_aux += states;
        }
      }
    }
    index[node.get()] = graph.add(std::move(made));
  });
  for (const NodeEntry& output : symbol.outputs()) {
    graph.outputs.push_back({index.at(output.node.get()), output.output});
  }

  std::vector<int> argument_of(graph.nodes.size(), -1);
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    const int num_arguments = int(node.inputs.size()) - node.num_aux;
    for (int i = 0; i < int(node.inputs.size()); ++i) {
      const int input = node.inputs[size_t(i)].node;
      if (i < num_arguments) {
        argument_of[size_t(input)] = n;
      } else {
        graph.nodes[size_t(input)].is_auxiliary = true;
      }
    }
  }
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    if (graph.nodes[size_t(n)].is_auxiliary && argument_of[size_t(n)] >= 0) {
      throw Error(graph.describe(n), " is an auxiliary state of one operator and an argument of ",
                  graph.describe(argument_of[size_t(n)]), "; use two variables.");
    }
  }
  return graph;
}

int Graph::add(GraphNode node) {
  node.first_entry = num_entries;
  num_entries += node.num_outputs;
  nodes.push_back(std::move(node));
  return int(nodes.size()) - 1;
}

std::string Graph::describe(int index) const {
  const GraphNode& node = nodes[size_t(index)];
  if (node.head_of.is_valid()) return concat("head gradient of ", entry_name(node.head_of));
  // Every node of a bind is described, so without a stream.
  std::string text = node.is_variable() ? std::string("variable '") : node.op->name + '(';
  text += node.source->name;
  text += node.is_variable() ? '\'' : ')';
  return text;
}

std::string Graph::entry_name(Entry entry) const {
  const GraphNode& node = nodes[size_t(entry.node)];
  if (node.is_variable()) return node.source ? node.source->name : describe(entry.node);
  if (node.op->forward) {
    return concat(node.source->name, "_",
                  node.op->forward->inputs(node.params.get())[size_t(entry.output)], "_grad");
  }
  return concat(node.source->name, "_", node.op->outputs(node.params.get())[size_t(entry.output)]);
}

std::vector<int> Graph::arguments() const {
  std::vector<int> found;
  for (int n = 0; n < int(nodes.size()); ++n) {
    const GraphNode& node = nodes[size_t(n)];
    if (node.is_variable() && !node.is_auxiliary && !node.head_of.is_valid()) found.push_back(n);
  }
  return found;
}

std::vector<int> Graph::auxiliaries() const {
  std::vector<int> found;
  for (int n = 0; n < int(nodes.size()); ++n) {
    if (nodes[size_t(n)].is_auxiliary) found.push_back(n);
  }
  return found;
}

std::string dump(const Graph& graph, const Annotations* annotations) {
  std::ostringstream text;
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    text << '%' << n << " = " << graph.describe(n);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      text << (i == 0 ? " of " : ", ") << '%' << node.inputs[i].node;
      if (graph.nodes[size_t(node.inputs[i].node)].num_outputs > 1)
        text << '.' << node.inputs[i].output;
    }
    if (annotations) {
      for (int i = 0; i < node.num_outputs; ++i) {
        const size_t id = size_t(node.first_entry + i);
        text << (i == 0 ? " : " : ", ") << annotations->types[id] << annotations->shapes[id];
      }
    }
    text << '\n';
  }
  text << "outputs:";
  for (Entry output : graph.outputs) text << ' ' << graph.entry_name(output);
  text << '\n';
  return std::move(text).str();
}

}  // namespace treadle
