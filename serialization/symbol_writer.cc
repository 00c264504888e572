// A symbol as MXNet 1.9.1 writes it, to the byte: the layout, blanks before line ends included, is
// that of its writer.
#include <unordered_map>

#include "treadle/core/error.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/traversal.h"
#include "treadle/serialization/json_text.h"
#include "treadle/serialization/symbol_file.h"
#include "treadle/serialization/symbol_json.h"

namespace treadle {
namespace {

constexpr int written_version = 10901;

// [node, output, version]: the version of a variable counts the updates that operators before this
// one in the file make to it, its own included.
struct WrittenEntry {
  size_t node;
  int output;
  int version;
};

// The lines of one array or object: on one line when it is short, as MXNet decides it.
class Lines {
 public:
  Lines(std::string& json, char open, char close, int indent, bool is_long)
      : json_(json), close_(close), indent_(indent), is_long_(is_long) {
    json_ += open;
  }
  void next() {
    if (!is_first_) json_ += ", ";
    is_first_ = false;
    if (is_long_) line(indent_ + 2);
  }
  void end() {
    if (is_long_ && !is_first_) line(indent_);
    json_ += close_;
  }

 private:
  void line(int indent) { json_.append("\n").append(size_t(indent), ' '); }

  std::string& json_;
  const char close_;
  const int indent_;
  const bool is_long_;
  bool is_first_ = true;
};

template <class List, class Write>
void write_array(std::string& json, const List& list, int indent, bool is_long, Write write) {
  Lines lines(json, '[', ']', indent, is_long);
  for (const auto& item : list) {
    lines.next();
    write(item);
  }
  lines.end();
}

void write_numbers(std::string& json, const std::vector<size_t>& numbers, int indent) {
  write_array(json, numbers, indent, numbers.size() > 10,
              [&](size_t number) { json += std::to_string(number); });
}

void write_entries(std::string& json, const std::vector<WrittenEntry>& entries, int indent) {
  write_array(json, entries, indent, entries.size() > 10, [&](const WrittenEntry& entry) {
    json += concat("[", entry.node, ", ", entry.output, ", ", entry.version, "]");
  });
}

void write_map(std::string& json, const ParamText& map, int indent) {
  Lines lines(json, '{', '}', indent, map.size() > 1);
  for (const auto& [key, value] : map) {
    lines.next();
    append_quoted(json, key);
    json += ": ";
    append_quoted(json, value);
  }
  lines.end();
}

// What stands under a node's "attrs".
ParamText written_attributes(const Node& node) {
  if (node.is_variable()) return node.attributes;
  ParamText written = node.param_text;
  ParamText plain;
  for (const auto& [key, value] : node.attributes) {
    (is_reserved(key) && key != user_attributes_key ? written : plain)[key] = value;
  }
  if (plain.empty()) return written;
  // MXNet reads any key of an operator that has no parameters.
  if (node.op->schema.fields().empty() && !plain.contains(user_attributes_key)) {
    written.merge(plain);
    return written;
  }
  std::string text = "{";
  for (const auto& [key, value] : plain) {
    if (text.size() > 1) text += ", ";
    append_quoted(text, key);
    text += ": ";
    append_quoted(text, value);
  }
  written[std::string(user_attributes_key)] = text + "}";
  return written;
}

class Writer {
 public:
  std::string write(const Symbol& symbol) {
    json_ = "{\n  \"nodes\": [";
    visit_depth_first(symbol.outputs(), [&](const std::shared_ptr<Node>& node) { add(*node); });
    std::vector<WrittenEntry> heads;
    for (const NodeEntry& head : symbol.outputs()) heads.push_back(entry(head));
    json_ += "\n  ], \n  \"arg_nodes\": ";
    write_numbers(json_, variables_, 2);
    json_ += ", \n  \"node_row_ptr\": ";
    write_numbers(json_, first_entries_, 2);
    json_ += ", \n  \"heads\": ";
    write_entries(json_, heads, 2);
    json_ += concat(", \n  \"attrs\": {\"mxnet_version\": [\"int\", ", written_version, "]}\n}");
    return std::move(json_);
  }

 private:
  void add(const Node& node) {
    std::vector<WrittenEntry> inputs;
    std::vector<OpInput> roles;
    if (node.op) roles = all_inputs(*node.op, node.params.get());
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (roles[i].is_state()) ++versions_[node.inputs[i].node.get()];
      inputs.push_back(entry(node.inputs[i]));
    }
    const size_t number = first_entries_.size() - 1;
    numbers_[&node] = number;
    if (node.is_variable()) variables_.push_back(number);
    first_entries_.push_back(first_entries_.back() + size_t(node.num_outputs()));

    json_ += number == 0 ? "\n    {" : ", \n    {";
    write_key("op");
    append_quoted(json_, node.op ? std::string_view(node.op->name) : "null");
    json_ += ", ";
    write_key("name");
    append_quoted(json_, node.name);
    json_ += ", ";
    if (const ParamText attributes = written_attributes(node); !attributes.empty()) {
      write_key("attrs");
      write_map(json_, attributes, 6);
      json_ += ", ";
    }
    write_key("inputs");
    write_entries(json_, inputs, 6);
    json_ += "\n    }";
  }

  void write_key(std::string_view key) { json_ += concat("\n      \"", key, "\": "); }

  WrittenEntry entry(const NodeEntry& from) const {
    const auto version = versions_.find(from.node.get());
    return {numbers_.at(from.node.get()), from.output,
            version == versions_.end() ? 0 : version->second};
  }

  std::string json_;
  std::unordered_map<const Node*, size_t> numbers_;
  std::unordered_map<const Node*, int> versions_;  // of auxiliary states
  std::vector<size_t> variables_;
  std::vector<size_t> first_entries_{0};  // running total of outputs, hidden ones included
};

}  // namespace

std::string to_json(const Symbol& symbol) {
  if (symbol.is_empty()) {
    throw Error("An empty symbol cannot be saved: it has no outputs. Compose it first.");
  }
  return Writer().write(symbol);
}

}  // namespace treadle
