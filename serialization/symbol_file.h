// A symbol's file between text and nodes: what the steps of reading hand on. Internal to
// serialization.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/graph/node.h"

namespace treadle {

// Under it stand an operator's plain user attributes, as a JSON object's text.
inline constexpr std::string_view user_attributes_key = "__user_attrs__";

// Reserved for the library and its users: every MXNet keeps such a key, on operators too.
inline bool is_reserved(std::string_view key) {
  return key.size() > 4 && key.starts_with("__") && key.ends_with("__");
}

struct FileEntry {
  uint32_t node = 0;
  uint32_t output = 0;
};

struct FileNode {
  std::string op;  // "null": a variable
  std::string name;
  // Files before 0.9 keep parameters and the user's attributes apart; of later ones all keys are
  // `attributes` until separate_parameters sorts them.
  ParamText params;
  ParamText attributes;
  bool keeps_apart = false;
  std::vector<FileEntry> inputs;

  const OpRecord* record = nullptr;    // nullptr: a variable
  std::shared_ptr<const void> parsed;  // of record's parameter struct, by parse_parameters

  bool is_variable() const { return op == "null"; }
};

struct FileGraph {
  std::string name;             // for errors
  int version = 0;              // major * 10000 + minor * 100 + patch; 800 when the file has none
  std::vector<FileNode> nodes;  // inputs come before users, but for variables that a step appended
  std::vector<FileEntry> heads;

  // Throws Error: "NAME: nodes[3].inputs: <sentence>"; `member` may be empty.
  template <class... Parts>
  [[noreturn]] void fail(size_t node, std::string_view member, const Parts&... parts) const {
    throw Error(name, ": nodes[", node, "]", member.empty() ? "" : ".", member, ": ", parts...);
  }
  // "Convolution(conv1)".
  std::string describe(size_t node) const {
    return concat(nodes[node].record->name, "(", nodes[node].name, ")");
  }
  // The version in words: "MXNet 0.9.5".
  std::string version_text() const {
    return concat("MXNet ", version / 10000, ".", version / 100 % 100, ".", version % 100);
  }
};

// symbol_reader.cc: the text's structure, every index checked.
FileGraph read_symbol_file(std::string_view json, std::string_view name);

// symbol_builder.cc. Operators by name, then keys to parameters and attributes, then values.
void find_operators(FileGraph& graph);
void separate_parameters(FileGraph& graph);
void parse_parameters(FileGraph& graph);
// Names of the inputs of an operator's node, states among them; refuses a counted number of
// inputs that is not the number there is before anything of that length is made.
std::vector<std::string> input_names(const FileGraph& graph, size_t node);

// symbol_upgrade.cc: the differences between versions. The first before parameters are parsed, the
// second after.
void upgrade_keys(FileGraph& graph);
void upgrade_structure(FileGraph& graph);

}  // namespace treadle
