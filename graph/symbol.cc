#include "treadle/graph/symbol.h"

#include <algorithm>
#include <atomic>
#include <unordered_map>

#include "treadle/core/text.h"
#include "treadle/graph/graph.h"
#include "treadle/graph/infer.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/scope.h"
#include "treadle/graph/traversal.h"

namespace treadle {
namespace {

// Variables that some operator takes as auxiliary state.
std::unordered_set<const Node*> auxiliary_nodes(const std::vector<NodeEntry>& outputs) {
  std::unordered_set<const Node*> found;
  visit_depth_first(outputs, [&](const std::shared_ptr<Node>& node) {
    if (!node->op || node->op->auxiliaries(node->params.get()).empty()) return;
    const std::vector<OpInput> roles = all_inputs(*node->op, node->params.get());
    for (size_t i = 0; i < node->inputs.size(); ++i) {
      if (roles[i].is_state()) found.insert(node->inputs[i].node.get());
    }
  });
  return found;
}

std::atomic<uint64_t> changes = 0;

std::string output_name(const NodeEntry& entry) {
  if (entry.node->is_variable()) return entry.node->name;
  return concat(entry.node->name, "_",
                entry.node->op->outputs(entry.node->params.get())[size_t(entry.output)]);
}

std::vector<std::string> variable_names(const std::vector<NodeEntry>& outputs, bool arguments,
                                        bool auxiliaries) {
  const auto states = auxiliary_nodes(outputs);
  std::vector<std::string> names;
  visit_depth_first(outputs, [&](const std::shared_ptr<Node>& node) {
    if (!node->is_variable()) return;
    if (states.contains(node.get()) ? auxiliaries : arguments) names.push_back(node->name);
  });
  return names;
}

}  // namespace

Symbol Symbol::variable(std::string_view name, const Attributes& attributes) {
  if (name.empty()) throw Error("A variable needs a name; the name given is empty.");
  auto node = std::make_shared<Node>();
  node->name = name;
  node->attributes = AttrScope::merge(attributes);
  return Symbol({{std::move(node), 0}});
}

Symbol Symbol::group(std::span<const Symbol> members) {
  std::vector<NodeEntry> outputs;
  for (const Symbol& member : members) {
    outputs.insert(outputs.end(), member.outputs_.begin(), member.outputs_.end());
  }
  if (outputs.empty())
    throw Error("A group needs at least one symbol with an output; none was given.");
  return Symbol(std::move(outputs));
}

Symbol Symbol::operator[](int index) const {
  if (index < 0 || index >= num_outputs()) {
    throw Error("Output ", index, " is asked of a symbol with ", num_outputs(), " outputs (",
                join(list_outputs()), ").");
  }
  return Symbol({outputs_[size_t(index)]});
}

Symbol Symbol::operator[](std::string_view output) const {
  const std::vector<std::string> names = list_outputs();
  const auto it = std::ranges::find(names, output);
  if (it == names.end()) {
    throw Error("There is no output '", output, "'.", did_you_mean(output, names),
                " The outputs are ", join(names), ".");
  }
  if (std::ranges::count(names, output) > 1) {
    throw Error("Several outputs are called '", output, "'; choose one by its number.");
  }
  return (*this)[int(it - names.begin())];
}

const Node& Symbol::single_node(std::string_view what) const {
  if (outputs_.empty()) throw Error("An empty symbol has no ", what, "; compose it first.");
  for (const NodeEntry& output : outputs_) {
    if (output.node != outputs_[0].node) {
      throw Error("A group of several nodes has no ", what, "; choose one output of it first.");
    }
  }
  return *outputs_[0].node;
}

std::string Symbol::name() const {
  for (const NodeEntry& output : outputs_) {
    if (output.node != outputs_[0].node) return {};
  }
  return outputs_.empty() ? std::string() : outputs_[0].node->name;
}

std::vector<std::string> Symbol::list_arguments() const {
  return variable_names(outputs_, true, false);
}
std::vector<std::string> Symbol::list_auxiliary_states() const {
  return variable_names(outputs_, false, true);
}
std::vector<std::string> Symbol::list_inputs() const {
  return variable_names(outputs_, true, true);
}

std::vector<std::string> Symbol::list_outputs() const {
  std::vector<std::string> names;
  for (const NodeEntry& output : outputs_) names.push_back(output_name(output));
  return names;
}

Symbol Symbol::internals() const {
  std::vector<NodeEntry> all;
  visit_depth_first(outputs_, [&](const std::shared_ptr<Node>& node) {
    for (int i = 0; i < node->num_visible(); ++i) all.push_back({node, i});
  });
  return Symbol(std::move(all));
}

Symbol Symbol::children() const {
  std::vector<NodeEntry> inputs;
  std::unordered_set<const Node*> seen;
  for (const NodeEntry& output : outputs_) {
    if (!seen.insert(output.node.get()).second) continue;
    inputs.insert(inputs.end(), output.node->inputs.begin(), output.node->inputs.end());
  }
  return Symbol(std::move(inputs));
}

std::optional<std::string> Symbol::attr(std::string_view key) const {
  const Node& node = single_node("attributes");
  if (const auto it = node.attributes.find(key); it != node.attributes.end()) return it->second;
  if (const auto it = node.param_text.find(key); it != node.param_text.end()) return it->second;
  return std::nullopt;
}

void Symbol::set_attr(std::string_view key, std::string_view value) {
  single_node("attributes");
  outputs_[0].node->attributes.insert_or_assign(std::string(key), std::string(value));
  changes.fetch_add(1, std::memory_order_release);
}

uint64_t Symbol::attribute_changes() { return changes.load(std::memory_order_acquire); }

Attributes Symbol::list_attr(bool recursive) const {
  if (outputs_.empty()) single_node("attributes");
  if (!recursive) return outputs_[0].node->attributes;
  Attributes all;
  visit_depth_first(outputs_, [&](const std::shared_ptr<Node>& node) {
    for (const auto& [key, value] : node->attributes) all[concat(node->name, "_", key)] = value;
  });
  return all;
}

std::map<std::string, Attributes> Symbol::attr_dict() const {
  std::map<std::string, Attributes> all;
  visit_depth_first(outputs_, [&](const std::shared_ptr<Node>& node) {
    Attributes merged = node->attributes;
    merged.insert(node->param_text.begin(), node->param_text.end());
    if (!merged.empty()) all[node->name] = std::move(merged);
  });
  return all;
}

Symbol Symbol::deep_copy() const { return substitute({}); }

Symbol Symbol::substitute(const std::map<std::string, Symbol>& replacements) const {
  for (const auto& [name, symbol] : replacements) {
    if (symbol.num_outputs() != 1) {
      throw Error("Variable '", name, "' is replaced by a symbol with ", symbol.num_outputs(),
                  " outputs; one is expected, choose it by number or name.");
    }
  }
  std::unordered_map<const Node*, NodeEntry> copies;
  visit_depth_first(outputs_, [&](const std::shared_ptr<Node>& node) {
    if (node->is_variable()) {
      if (const auto it = replacements.find(node->name); it != replacements.end()) {
        copies[node.get()] = it->second.outputs()[0];
        return;
      }
    }
    auto copy = std::make_shared<Node>(*node);
    for (NodeEntry& input : copy->inputs) {
      const NodeEntry& replaced = copies.at(input.node.get());
      // A replaced variable has one output, so its users' entry becomes the replacement's.
      input = {replaced.node, input.node->is_variable() ? replaced.output : input.output};
    }
    copies[node.get()] = {std::move(copy), 0};
  });
  std::vector<NodeEntry> outputs;
  for (const NodeEntry& output : outputs_) {
    const NodeEntry& replaced = copies.at(output.node.get());
    outputs.push_back(
        {replaced.node, output.node->is_variable() ? replaced.output : output.output});
  }
  return Symbol(std::move(outputs));
}

InferredShapes Symbol::infer_shape(const ShapeMap& known, bool partial) const {
  const Graph graph = Graph::from(*this);
  const std::vector<Shape> shapes = infer_shapes(graph, known, partial);
  InferredShapes result;
  result.is_complete = true;
  const auto collect = [&](Entry entry, std::vector<Shape>& list) {
    list.push_back(shapes[size_t(graph.entry_id(entry))]);
    result.is_complete = result.is_complete && list.back().is_known();
  };
  for (int node : graph.arguments()) collect({node, 0}, result.arguments);
  // Where all arguments are known, an extent of 0 is what follows from them: an empty slice.
  for (Entry entry : graph.outputs) {
    result.outputs.push_back(shapes[size_t(graph.entry_id(entry))]);
    result.is_complete = result.is_complete && !result.outputs.back().empty();
  }
  for (int node : graph.auxiliaries()) collect({node, 0}, result.auxiliaries);
  return result;
}

InferredTypes Symbol::infer_type(const TypeMap& known) const {
  const Graph graph = Graph::from(*this);
  const std::vector<DType> types = infer_types(graph, known);
  InferredTypes result;
  result.is_complete = true;
  const auto collect = [&](Entry entry, std::vector<DType>& list) {
    list.push_back(types[size_t(graph.entry_id(entry))]);
    result.is_complete = result.is_complete && list.back() != DType::unknown;
  };
  for (int node : graph.arguments()) collect({node, 0}, result.arguments);
  for (Entry entry : graph.outputs) collect(entry, result.outputs);
  for (int node : graph.auxiliaries()) collect({node, 0}, result.auxiliaries);
  return result;
}

std::string Symbol::debug_str() const { return dump(Graph::from(*this)); }

}  // namespace treadle
