// Symbol: the user's handle on a DAG of nodes; a cheap value that shares them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/graph/node.h"

namespace treadle {

class Executor;
struct BindOptions;
using Attributes = ParamText;
using ShapeMap = std::map<std::string, Shape, std::less<>>;
using TypeMap = std::map<std::string, DType, std::less<>>;

// Shapes of a symbol's arguments, outputs and auxiliary states, in the order of the lists of names.
struct InferredShapes {
  std::vector<Shape> arguments, outputs, auxiliaries;
  bool is_complete = false;  // false: some are empty or hold zeros, for "unknown"
};
struct InferredTypes {
  std::vector<DType> arguments, outputs, auxiliaries;
  bool is_complete = false;
};

// What the layer of executors keeps for a symbol; it knows the type.
struct SymbolMemo {
  std::mutex mutex;
  std::shared_ptr<void> value;
};

// One or more outputs of a DAG. Copies share the nodes; nodes are not changed by composing further.
//
//   Symbol net = Symbol::variable("data");
//   net = FullyConnected{.num_hidden = 128}(net, "fc1");
class Symbol {
 public:
  // Without outputs; only for later assignment.
  Symbol() = default;
  explicit Symbol(std::vector<NodeEntry> outputs)
      : outputs_(std::move(outputs)), memo_(std::make_shared<SymbolMemo>()) {}

  // A named input. Attributes of the current AttrScope are added to `attributes`.
  static Symbol variable(std::string_view name, const Attributes& attributes = {});
  // All outputs of `members`, in order. Throws Error when there are none.
  static Symbol group(std::span<const Symbol> members);

  bool is_empty() const { return outputs_.empty(); }
  int num_outputs() const { return int(outputs_.size()); }
  const std::vector<NodeEntry>& outputs() const { return outputs_; }
  // Output by number or by name ("fc1_output"); throws Error with the names there are.
  Symbol operator[](int index) const;
  Symbol operator[](std::string_view output) const;

  // Name of the node behind a symbol of one node; empty for a group of several.
  std::string name() const;
  // Names in depth-first order.
  std::vector<std::string> list_arguments() const;
  std::vector<std::string> list_auxiliary_states() const;
  std::vector<std::string> list_outputs() const;
  // Arguments and auxiliary states together.
  std::vector<std::string> list_inputs() const;
  // Every output of every node, as one group.
  Symbol internals() const;
  // The inputs of the outputs' nodes as one group; empty for a variable.
  Symbol children() const;

  // Attribute of the node behind a symbol of one node: the user's, or a parameter as it was given.
  std::optional<std::string> attr(std::string_view key) const;
  void set_attr(std::string_view key, std::string_view value);
  // How often set_attr was called in the process: what was derived from a symbol before holds while
  // this stays the same.
  static uint64_t attribute_changes();
  // The user's attributes of this node; with `recursive`, of all nodes, as "node_key".
  Attributes list_attr(bool recursive = false) const;
  // Per node name: the user's attributes and the parameters as they were given.
  std::map<std::string, Attributes> attr_dict() const;

  // The same DAG on nodes of its own.
  Symbol deep_copy() const;
  // A copy in which the variables named are replaced by one-output symbols.
  Symbol substitute(const std::map<std::string, Symbol>& replacements) const;

  // Shapes from those known by name and from `__shape__` attributes. Throws Error on a conflict, an
  // unknown name, and, unless `partial`, when some argument stays unknown.
  InferredShapes infer_shape(const ShapeMap& known, bool partial = false) const;
  InferredTypes infer_type(const TypeMap& known) const;

  // The DAG as text, a node a line.
  std::string debug_str() const;

  // serialization/symbol_io.cc
  std::string to_json() const;
  void save(const std::string& path) const;
  static Symbol from_json(std::string_view json);
  static Symbol load(const std::string& path);

  // executor/symbol_bind.cc: allocates every array whose shape follows from `shapes`.
  Executor simple_bind(Device device, const ShapeMap& shapes) const;
  Executor simple_bind(Device device, const ShapeMap& shapes, const BindOptions& options) const;

  // Shared by the copies of this symbol, gone with the last of them; null for an empty symbol.
  SymbolMemo* memo() const { return memo_.get(); }

 private:
  const Node& single_node(std::string_view what) const;

  std::vector<NodeEntry> outputs_;
  std::shared_ptr<SymbolMemo> memo_;
};

// Makes a node of operator `op` (name or alias) and gives its visible outputs. Inputs are given by
// position and by name; those left out become variables "<name>_<input>" that receive the node's
// attributes. An empty `name` is filled by the current NameManager. Throws Error in sentences.
Symbol compose(std::string_view op, const ParamText& params, std::span<const Symbol> positional,
               const std::map<std::string, Symbol>& named = {}, std::string_view name = {},
               const Attributes& attributes = {});

Symbol operator+(const Symbol& a, const Symbol& b);
Symbol operator-(const Symbol& a, const Symbol& b);
Symbol operator*(const Symbol& a, const Symbol& b);
Symbol operator/(const Symbol& a, const Symbol& b);
Symbol operator+(const Symbol& a, double b);
Symbol operator-(const Symbol& a, double b);
Symbol operator*(const Symbol& a, double b);
Symbol operator/(const Symbol& a, double b);
Symbol operator+(double a, const Symbol& b);
Symbol operator-(double a, const Symbol& b);
Symbol operator*(double a, const Symbol& b);
Symbol operator/(double a, const Symbol& b);
Symbol operator-(const Symbol& a);

}  // namespace treadle
