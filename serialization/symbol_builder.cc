// From a FileGraph to nodes: operators, parameters, counts and outputs are checked here.
#include <algorithm>

#include "treadle/core/log.h"
#include "treadle/core/open_params.h"
#include "treadle/core/text.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/symbol.h"
#include "treadle/serialization/json_reader.h"
#include "treadle/serialization/symbol_file.h"
#include "treadle/serialization/symbol_json.h"

namespace treadle {
namespace {

std::vector<std::string> parameter_names(const OpRecord& op) {
  std::vector<std::string> names;
  for (const ParamField& field : op.schema.fields()) names.push_back(field.name);
  return names;
}

// A plain key that is no parameter is the user's own, or a slip of the keyboard.
void warn_of_slips(const FileGraph& graph, size_t n, const ParamText& attributes) {
  for (const auto& [key, value] : attributes) {
    if (is_reserved(key)) continue;
    const std::string hint = did_you_mean(key, parameter_names(*graph.nodes[n].record));
    if (hint.empty()) continue;
    log_warning(concat(graph.name, ": nodes[", n, "]: ", graph.describe(n), " has no parameter '",
                       key, "'; it is kept as an attribute of the user.", hint));
  }
}

// Takes the plain attributes out of the one reserved key that to_json puts them under.
void restore_user_attributes(const FileGraph& graph, size_t n, ParamText& attributes) {
  const auto it = attributes.find(user_attributes_key);
  if (it == attributes.end()) return;
  const std::string text = std::move(it->second);
  attributes.erase(it);
  const JsonDocument document(text,
                              concat(graph.name, ": nodes[", n, "].attrs.", user_attributes_key));
  JsonCursor(document).for_each_member([&](std::string_view key, const JsonCursor& value) {
    attributes.insert_or_assign(std::string(key), std::string(value.text()));
  });
}

class Builder {
 public:
  explicit Builder(FileGraph& graph)
      : graph_(graph), nodes_(graph.nodes.size()), num_outputs_(graph.nodes.size(), 1) {}

  Symbol build() {
    // Variables first: a step of the upgrade may have appended some behind their users.
    for (size_t n = 0; n < nodes_.size(); ++n) {
      if (graph_.nodes[n].is_variable()) add_variable(n);
    }
    for (size_t n = 0; n < nodes_.size(); ++n) {
      if (!graph_.nodes[n].is_variable()) add_operator(n);
    }
    std::vector<NodeEntry> outputs;
    for (size_t i = 0; i < graph_.heads.size(); ++i) {
      const FileEntry head = graph_.heads[i];
      if (head.output >= num_outputs_[head.node]) {
        throw Error(graph_.name, ": heads[", i, "]: ", missing_output(head));
      }
      outputs.push_back({nodes_[head.node], int(head.output)});
    }
    return Symbol(std::move(outputs));
  }

 private:
  void add_variable(size_t n) {
    FileNode& from = graph_.nodes[n];
    auto node = std::make_shared<Node>();
    node->name = std::move(from.name);
    node->attributes = std::move(from.attributes);
    nodes_[n] = std::move(node);
  }

  void add_operator(size_t n) {
    const std::vector<std::string> names = input_names(graph_, n);
    FileNode& from = graph_.nodes[n];
    if (from.inputs.size() != names.size()) {
      graph_.fail(n, "inputs", graph_.describe(n), " has ", from.inputs.size(), " inputs; ",
                  names.size(), names.empty() ? " are" : " (" + join(names) + ") are",
                  " expected.");
    }
    auto node = std::make_shared<Node>();
    node->op = from.record;
    const size_t num_states = node->op->auxiliaries(from.parsed.get()).size();
    for (size_t i = 0; i < names.size(); ++i) {
      const FileEntry input = from.inputs[i];
      if (input.output >= num_outputs_[input.node]) {
        graph_.fail(n, concat("inputs[", i, "]"), missing_output(input));
      }
      if (i >= names.size() - num_states && !nodes_[input.node]->is_variable()) {
        graph_.fail(n, concat("inputs[", i, "]"), names[i], " of ", graph_.describe(n),
                    " is the output of ", nodes_[input.node]->describe(),
                    "; an auxiliary state is updated in place and must be a variable.");
      }
      node->inputs.push_back({nodes_[input.node], int(input.output)});
    }
    // Of files that keep them apart, attributes are the user's beyond doubt.
    if (!from.keeps_apart) warn_of_slips(graph_, n, from.attributes);
    restore_user_attributes(graph_, n, from.attributes);
    node->name = std::move(from.name);
    node->params = std::move(from.parsed);
    node->param_text = std::move(from.params);
    node->attributes = std::move(from.attributes);
    num_outputs_[n] = uint32_t(node->num_outputs());
    nodes_[n] = std::move(node);
  }

  std::string missing_output(FileEntry entry) const {
    return concat("output ", entry.output, " of ", nodes_[entry.node]->describe(),
                  " is named; it has ", num_outputs_[entry.node],
                  num_outputs_[entry.node] == 1 ? " output." : " outputs.");
  }

  FileGraph& graph_;
  std::vector<std::shared_ptr<Node>> nodes_;
  std::vector<uint32_t> num_outputs_;
};

// Up to 0.11, `_sample_uniform` and its like drew from one distribution, given by parameters; later
// they draw from one for each number of their inputs.
const OpRecord* find_operator(const FileNode& node) {
  constexpr std::string_view sample = "_sample_";
  const OpRegistry& registry = OpRegistry::instance();
  const OpRecord* once = nullptr;
  if (node.op.starts_with(sample) && node.inputs.empty())
    once = registry.find(concat("_random_", node.op.substr(sample.size())));
  return once ? once : registry.find(node.op);
}

// Operators that were made of an object in Python, of which a file has nothing but its address.
bool is_live_only(std::string_view op) { return op == "_Native" || op == "_NDArray"; }

}  // namespace

void find_operators(FileGraph& graph) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    FileNode& node = graph.nodes[n];
    if (node.is_variable()) continue;
    node.record = find_operator(node);
    // Backward nodes are made by the gradient pass alone.
    if (node.record && !node.record->forward) continue;
    if (is_live_only(node.op)) {
      graph.fail(n, "op", node.op, "(", node.name,
                 ") was made of an object in Python, of which the file has only the address that "
                 "it had (info); it works where it is made and cannot be loaded. Make the symbol "
                 "again with NumpyOp or NDArrayOp, or write the operator as a CustomOp, which a "
                 "file finds by its op_type.");
    }
    std::vector<std::string> names;
    for (const OpRecord* op : OpRegistry::instance().all()) names.push_back(op->name);
    graph.fail(n, "op", "there is no operator '", node.op, "' (node '", node.name, "').",
               did_you_mean(node.op, names), " The file was written by ", graph.version_text(),
               "; the model needs an operator that this build does not have.");
  }
}

void separate_parameters(FileGraph& graph) {
  for (FileNode& node : graph.nodes) {
    if (node.is_variable()) continue;
    // A parameter that the operator lost or never had is worth no more than a user's attribute.
    ParamText& from = node.keeps_apart ? node.params : node.attributes;
    ParamText& to = node.keeps_apart ? node.attributes : node.params;
    for (auto it = from.begin(); it != from.end();) {
      const ParamSchema& schema = node.record->schema;
      const bool is_parameter =
          schema.find(it->first) != nullptr || (is_open(schema) && !it->first.starts_with("__"));
      const auto next = std::next(it);
      if (is_parameter != node.keeps_apart) to.insert(from.extract(it));
      it = next;
    }
  }
}

void parse_parameters(FileGraph& graph) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    FileNode& node = graph.nodes[n];
    if (node.is_variable()) continue;
    const std::string who = concat(graph.name, ": nodes[", n, "]: ", graph.describe(n));
    node.parsed = node.record->schema.parse(node.params, who);
  }
}

std::vector<std::string> input_names(const FileGraph& graph, size_t n) {
  const FileNode& node = graph.nodes[n];
  const OpRecord& op = *node.record;
  if (const ParamField* count = op.schema.find(op.count_param)) {
    const std::string text = count->type->print(count->in(node.parsed.get()));
    if (text != std::to_string(node.inputs.size())) {
      graph.fail(n, "inputs", graph.describe(n), " has ", node.inputs.size(), " inputs and ",
                 op.count_param, " ", text, "; they must be equal.");
    }
  }
  std::vector<std::string> names;
  for (OpInput& input : all_inputs(op, node.parsed.get())) names.push_back(std::move(input.name));
  return names;
}

Symbol symbol_from_json(std::string_view json, std::string_view name) {
  FileGraph graph = read_symbol_file(json, name);
  find_operators(graph);
  separate_parameters(graph);
  upgrade_keys(graph);
  parse_parameters(graph);
  upgrade_structure(graph);
  return Builder(graph).build();
}

}  // namespace treadle
