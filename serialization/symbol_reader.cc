// From JSON text to a FileGraph whose every index is known to be good.
#include "treadle/core/log.h"
#include "treadle/serialization/checksum.h"
#include "treadle/serialization/json_reader.h"
#include "treadle/serialization/symbol_file.h"

namespace treadle {
namespace {

constexpr uint32_t most_nodes = INT32_MAX;

void read_text_map(const JsonCursor& object, ParamText& map) {
  object.for_each_member([&](std::string_view key, const JsonCursor& value) {
    if (!map.emplace(key, value.text()).second) value.fail("the key is given twice.");
  });
}

// [node, output] or [node, output, version]; readers ignore the version.
FileEntry read_entry(const JsonCursor& entry, uint32_t num_nodes) {
  const uint32_t size = entry.size();
  if (size != 2 && size != 3) {
    entry.fail("an entry has ", size,
               " numbers; [node, output] or [node, output, version] is "
               "expected.");
  }
  if (size == 3) entry.element(2).number(UINT32_MAX);
  const FileEntry read{entry.element(0).number(most_nodes), entry.element(1).number(most_nodes)};
  if (read.node >= num_nodes) {
    entry.fail("node ", read.node, " is named; the file has ", num_nodes, " nodes.");
  }
  return read;
}

void read_inputs(const JsonCursor& inputs, uint32_t self, uint32_t num_nodes, FileNode& node) {
  const uint32_t count = inputs.size();
  if (count > 0 && node.is_variable()) {
    inputs.fail("variable '", node.name, "' has ", count, " inputs; a variable has none.");
  }
  for (uint32_t i = 0; i < count; ++i) {
    const JsonCursor input = inputs.element(i);
    const FileEntry entry = read_entry(input, num_nodes);
    if (entry.node == self) {
      input.fail("node '", node.name, "' is its own input; a graph has no cycles.");
    }
    if (entry.node > self) {
      input.fail("node ", entry.node, " comes after its user, node ", self,
                 "; inputs come before their users, so this is a cycle or the nodes are out of "
                 "order.");
    }
    node.inputs.push_back(entry);
  }
}

void read_node(const JsonCursor& object, uint32_t self, uint32_t num_nodes, FileGraph& graph,
               bool& has_control) {
  FileNode& node = graph.nodes.emplace_back();
  node.op = object.member("op").text();
  node.name = object.member("name").text();
  if (node.is_variable() && node.name.empty()) {
    object.member("name").fail("a variable has no name; every variable needs one.");
  }
  if (const auto param = object.find("param")) {
    node.keeps_apart = true;
    read_text_map(*param, node.params);
  }
  if (const auto attributes = object.find("attr")) read_text_map(*attributes, node.attributes);
  if (const auto attributes = object.find("attrs")) read_text_map(*attributes, node.attributes);
  read_inputs(object.member("inputs"), self, num_nodes, node);
  if (const auto control = object.find("control_deps")) has_control |= control->size() > 0;
}

int read_version(const JsonCursor& root) {
  const auto attributes = root.find("attrs");
  if (!attributes) return 800;
  const auto version = attributes->find("mxnet_version");
  if (!version) return 800;
  if (version->size() != 2 || !version->element(0).is_text()) {
    version->fail("[\"int\", version] is expected.");
  }
  return int(version->element(1).number(INT32_MAX));
}

void check_arg_nodes(const JsonCursor& list, const FileGraph& graph) {
  for (uint32_t i = 0; i < list.size(); ++i) {
    const JsonCursor element = list.element(i);
    const uint32_t node = element.number(most_nodes);
    if (node >= graph.nodes.size()) {
      element.fail("node ", node, " is named; the file has ", graph.nodes.size(), " nodes.");
    }
  }
}

}  // namespace

FileGraph read_symbol_file(std::string_view json, std::string_view name) {
  verify_checksum(json, name);
  const JsonDocument document(json, name);
  const JsonCursor root(document);
  FileGraph graph;
  graph.name = name;
  graph.version = read_version(root);

  const JsonCursor nodes = root.member("nodes");
  const uint32_t num_nodes = nodes.size();
  bool has_control = false;
  for (uint32_t i = 0; i < num_nodes; ++i) {
    read_node(nodes.element(i), i, num_nodes, graph, has_control);
  }
  if (has_control) {
    log_warning(concat(name, ": control_deps are ignored; only inputs order the nodes."));
  }

  const JsonCursor heads = root.member("heads");
  const uint32_t num_heads = heads.size();
  if (num_heads == 0) heads.fail("the list is empty; a symbol has at least one output.");
  for (uint32_t i = 0; i < num_heads; ++i) {
    graph.heads.push_back(read_entry(heads.element(i), num_nodes));
  }

  // Both say what the nodes say already. The old forms written by other programs disagree with the
  // rule at times (states counted or not), so only what cannot be is refused.
  if (const auto list = root.find("arg_nodes")) check_arg_nodes(*list, graph);
  if (const auto list = root.find("node_row_ptr")) list->size();
  return graph;
}

}  // namespace treadle
