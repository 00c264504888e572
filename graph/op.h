// The record of one operator: what the graph, its passes and the bindings know about it. Kernels
// hang on it as attributes that this layer does not see.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/graph/inference.h"
#include "treadle/graph/slot.h"

namespace treadle {

class GradientBuilder;  // graph/gradient.h

// Open set of facts about an operator, looked up by C++ type: a layer above adds its own.
class OpAttributes {
 public:
  template <class T>
  const T* get() const {
    const auto it = values_.find(std::type_index(typeid(T)));
    return it == values_.end() ? nullptr : static_cast<const T*>(it->second.get());
  }
  // The attribute, made empty at first use; only before the registry is read (static registration).
  template <class T>
  T& edit() {
    auto& value = values_[std::type_index(typeid(T))];
    if (!value) value = std::make_shared<T>();
    return *static_cast<T*>(value.get());
  }

 private:
  std::unordered_map<std::type_index, std::shared_ptr<void>> values_;
};

// How backward is made.
enum class GradientKind : uint8_t {
  none,    // binding it with a gradient request is an error
  zero,    // differentiable, with gradient 0 everywhere
  kernel,  // one node `_backward_NAME` that runs the operator's backward
  graph,   // the operator composes its gradient from other operators
};

// An input that is created as a variable when the caller leaves it out.
struct VariableDefault {
  std::string input;
  std::string init;  // value of the variable's __init__ attribute, e.g. ["one", {}]
};

// All functions take the parsed parameter struct. Immutable once registered.
struct OpRecord {
  std::string name;
  std::vector<std::string> aliases;
  std::string doc;
  ParamSchema schema;
  std::string count_param;  // the parameter that counts the inputs ("num_args"); empty if none

  using Names = std::vector<std::string>;
  Names (*inputs)(const void* params) = nullptr;       // without auxiliary states
  Names (*auxiliaries)(const void* params) = nullptr;  // states the operator updates
  Names (*outputs)(const void* params) = nullptr;      // hidden ones last
  int (*num_visible)(const void* params) = nullptr;
  std::vector<VariableDefault> variable_defaults;

  void (*infer_shape)(const void* params, ShapeInference&) = nullptr;
  void (*infer_type)(const void* params, TypeInference&) = nullptr;

  GradientKind gradient_kind = GradientKind::none;
  // For GradientKind::kernel: the inputs of the backward node, in order. Its outputs are the
  // gradients of all inputs, in order.
  std::vector<Slot> (*backward_reads)(const void* params) = nullptr;
  const OpRecord* backward = nullptr;
  // For GradientKind::graph; where there is a kernel too, what is taken in its place when gradients
  // are differentiated in turn. `composes` says for which parameters it can be; null: for all.
  void (*compose_gradient)(const void* params, GradientBuilder&) = nullptr;
  bool (*composes)(const void* params) = nullptr;
  // Set on `_backward_NAME` records only.
  const OpRecord* forward = nullptr;
  // True when the outputs are sums of multiples of the inputs' elements, and backward the
  // transposed map: then the gradient of backward is the operator itself.
  bool is_linear = false;
  // True when backward ignores the gradient of the output (losses).
  bool is_loss = false;
  // True when a run may differ from the last one on equal inputs, or has an effect besides its
  // outputs: such nodes are never merged or repeated.
  bool has_effects = false;

  std::vector<Share> (*may_share)(const void* params) = nullptr;

  OpAttributes attributes;
};

// All operators of the process, filled by static registration before main (or while a library of
// operators is loaded). Only read from then on, so threads need no lock.
class OpRegistry {
 public:
  static OpRegistry& instance();

  // Adds a record; its name and aliases must be new. Backward records are added by their forward.
  OpRecord& add(std::unique_ptr<OpRecord> record);

  // By name or alias; nullptr when there is none.
  const OpRecord* find(std::string_view name) const;
  // As find, but throws Error with a did-you-mean, for backward records too: only the gradient pass
  // makes nodes of those.
  const OpRecord& get(std::string_view name) const;
  // For what one operator declares apart, such as its CUDA half in a translation unit of its own:
  // `extension` runs once the record is there, whichever unit is initialised first.
  void extend(std::string_view name, void (*extension)(OpRecord&));
  // Canonical names in alphabetical order, backward records left out.
  std::vector<const OpRecord*> all() const;

 private:
  std::vector<std::unique_ptr<OpRecord>> records_;
  std::unordered_map<std::string, OpRecord*> by_name_;
  // By the name of an operator that is still to be added.
  std::unordered_map<std::string, std::vector<void (*)(OpRecord&)>> early_extensions_;
};

}  // namespace treadle
