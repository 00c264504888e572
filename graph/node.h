// A node of the user's DAG: a variable or an operator with parsed parameters.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/graph/op.h"

namespace treadle {

struct Node;

// Output `output` of a node, which it keeps alive.
struct NodeEntry {
  std::shared_ptr<Node> node;
  int output = 0;
};

// Shared by all symbols that contain it. Only its attributes may change after composition, and only
// by the one thread that composes.
struct Node {
  const OpRecord* op = nullptr;  // nullptr: a variable
  std::string name;
  std::shared_ptr<const void> params;  // parsed, of op's parameter struct
  ParamText param_text;                // what the caller gave, as text, for files
  ParamText attributes;                // the user's, reserved `__key__` ones included
  std::vector<NodeEntry> inputs;       // as all_inputs orders them (graph/op_inputs.h)

  Node() = default;
  Node(const Node&) = default;
  Node& operator=(const Node&) = delete;
  // Takes long chains apart in a loop: recursion would overflow the stack on 100,000 nodes.
  ~Node();

  bool is_variable() const { return op == nullptr; }
  int num_outputs() const { return op ? int(op->outputs(params.get()).size()) : 1; }
  int num_visible() const { return op ? op->num_visible(params.get()) : 1; }
  // "Convolution(conv1)" or "variable 'data'".
  std::string describe() const;
};

// Reserved attributes of variables.
namespace attribute {
inline constexpr std::string_view shape = "__shape__";
inline constexpr std::string_view dtype = "__dtype__";
inline constexpr std::string_view init = "__init__";
inline constexpr std::string_view lr_mult = "__lr_mult__";
inline constexpr std::string_view wd_mult = "__wd_mult__";
inline constexpr std::string_view ctx_group = "__ctx_group__";
}  // namespace attribute

}  // namespace treadle
