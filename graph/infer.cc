#include "treadle/graph/infer.h"

#include <algorithm>
#include <utility>

#include "treadle/core/text.h"
#include "treadle/graph/partial_shapes.h"

namespace treadle {
namespace {

// Where a known shape or type came from: the node whose rule stated it, or one of these.
constexpr int from_nobody = -1, from_caller = -2, from_attribute = -3;

// What both passes share: a value per entry, its origin, and the current node.
template <class Value>
class Inference {
 public:
  Inference(const Graph& graph, std::vector<Value> values, std::vector<int> origins)
      : graph_(graph), values_(std::move(values)), origins_(std::move(origins)) {}

  void enter(int node) { node_ = node; }
  bool take_changed() { return std::exchange(changed_, false); }
  std::vector<Value>&& take_values() { return std::move(values_); }
  const std::vector<Value>& values() const { return values_; }

 protected:
  const GraphNode& current() const { return graph_.nodes[size_t(node_)]; }
  int num_arguments() const { return int(current().inputs.size()) - current().num_aux; }

  size_t entry_of(Slot slot) const {
    const GraphNode& node = current();
    if (slot.kind == Slot::Kind::out) return size_t(node.first_entry + slot.index);
    const int i = slot.kind == Slot::Kind::aux ? num_arguments() + slot.index : slot.index;
    return size_t(graph_.entry_id(node.inputs.at(size_t(i))));
  }

  std::string slot_name(Slot slot) const {
    const GraphNode& node = current();
    const void* params = node.params.get();
    switch (slot.kind) {
      case Slot::Kind::out: return node.op->outputs(params).at(size_t(slot.index));
      case Slot::Kind::aux: return node.op->auxiliaries(params).at(size_t(slot.index));
      default: return node.op->inputs(params).at(size_t(slot.index));
    }
  }

  std::string origin_of(Slot slot) const {
    const int origin = origins_[entry_of(slot)];
    if (origin == from_caller) return "given by the caller";
    if (origin == from_attribute) return "from the variable's own attribute";
    if (origin == node_) return "which follows here too";
    return origin == from_nobody ? "of unknown origin" : "inferred by " + graph_.describe(origin);
  }

  // The entry's own name when it says more than the slot's ("fc1_weight" for weight).
  std::string source_of(Slot slot) const {
    const GraphNode& node = current();
    if (slot.kind == Slot::Kind::out) return {};
    const int i = slot.kind == Slot::Kind::aux ? num_arguments() + slot.index : slot.index;
    return concat(" (", graph_.entry_name(node.inputs.at(size_t(i))), ", ", origin_of(slot), ")");
  }

  void store(size_t entry, Value value) {
    values_[entry] = std::move(value);
    origins_[entry] = node_;
    changed_ = true;
  }

  const Graph& graph_;
  std::vector<Value> values_;
  std::vector<int> origins_;
  int node_ = -1;
  bool changed_ = false;
};

class Shapes final : public Inference<Shape>, public ShapeInference {
 public:
  using Inference::Inference;

  void be_partial() { is_partial_ = true; }
  void forget_outputs() {
    for (int i = 0; i < num_out(); ++i) values_[entry_of(out(i))] = Shape();
  }

  int num_in() const override { return num_arguments(); }
  int num_out() const override { return current().num_outputs; }
  const Shape& shape(Slot slot) const override { return values_[entry_of(slot)]; }
  std::string name(Slot slot) const override { return slot_name(slot); }
  void fail(std::string_view sentence) const override {
    throw Error(graph_.describe(node_), ": ", sentence);
  }

 protected:
  bool try_set(Slot slot, const Shape& stated) override {
    const size_t entry = entry_of(slot);
    const Shape& have = values_[entry];
    if (stated.empty()) return true;
    if (have.empty()) {
      store(entry, stated);
      return true;
    }
    if (have.ndim() != stated.ndim()) return try_yield(slot, stated);
    Shape merged = have;
    for (int axis = 0; axis < merged.ndim(); ++axis) {
      if (stated[axis] == 0) continue;
      if (merged[axis] != 0 && merged[axis] != stated[axis]) return try_yield(slot, stated);
      merged[axis] = stated[axis];
    }
    if (!(merged == have)) store(entry, std::move(merged));
    return true;
  }

  std::string origin(Slot slot) const override { return source_of(slot); }

  // What has given way once has another origin and does not give way again.
  bool try_yield(Slot slot, const Shape& stated) {
    const auto* rule = current().op->attributes.get<PartialShapes>();
    const size_t entry = entry_of(slot);
    if (!is_partial_ || !rule || origins_[entry] != from_caller) return false;
    if (std::ranges::count(rule->yielding, slot) == 0) return false;
    store(entry, stated);
    return true;
  }

  void conflict(Slot slot, const Shape& expected, std::string_view because) const override {
    throw Error(graph_.describe(node_), ": ", name(slot), " has shape ", shape(slot),
                source_of(slot), ", expected ", expected, because.empty() ? "" : ": ", because,
                ".");
  }

 private:
  bool is_partial_ = false;
};

class Types final : public Inference<DType>, public TypeInference {
 public:
  using Inference::Inference;

  int num_in() const override { return num_arguments(); }
  int num_out() const override { return current().num_outputs; }
  int num_aux() const override { return current().num_aux; }
  DType type(Slot slot) const override { return values_[entry_of(slot)]; }
  void set(Slot slot, DType stated) override {
    const size_t entry = entry_of(slot);
    if (stated == DType::unknown || values_[entry] == stated) return;
    if (values_[entry] == DType::unknown) return store(entry, stated);
    throw Error(graph_.describe(node_), ": ", slot_name(slot), " is ", values_[entry],
                source_of(slot), ", expected ", stated,
                ": types are not converted silently; use Cast on one of them.");
  }
  void fail(std::string_view sentence) const override {
    throw Error(graph_.describe(node_), ": ", sentence);
  }
};

// Gradients and head gradients have what their forward array has; other nodes ask their operator.
template <class Pass, class Rule>
void visit(const Graph& graph, int n, Pass& pass, Rule rule) {
  const GraphNode& node = graph.nodes[size_t(n)];
  if (node.is_variable()) return;
  pass.enter(n);
  rule(node);
}

// Sweeps forward and backward until nothing changes. Each sweep that goes on completes at least one
// entry, so the number of sweeps is bounded by the graph; in practice it is two.
template <class Pass, class Rule>
void run_to_fixpoint(const Graph& graph, Pass& pass, Rule rule) {
  const int count = int(graph.nodes.size());
  bool forward = true;
  do {
    pass.take_changed();
    if (forward) {
      for (int n = 0; n < count; ++n) visit(graph, n, pass, rule);
    } else {
      for (int n = count - 1; n >= 0; --n) visit(graph, n, pass, rule);
    }
    forward = !forward;
  } while (pass.take_changed());
}

template <class Map, class Store>
void apply_known(const Graph& graph, const Map& known, Store store) {
  constexpr int several = -1;
  std::map<std::string_view, int> variables;
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    if (!node.is_variable() || !node.source) continue;
    const auto [it, is_new] = variables.emplace(node.source->name, n);
    if (!is_new) it->second = several;
  }
  for (const auto& [name, value] : known) {
    const auto it = variables.find(name);
    if (it == variables.end()) {
      std::vector<std::string> names;
      for (const auto& [variable, node] : variables) names.emplace_back(variable);
      throw Error("There is no argument '", name, "' in the graph.", did_you_mean(name, names),
                  " The arguments are ", join(names), ".");
    }
    if (it->second == several) {
      throw Error("Several variables are called '", name,
                  "'; what belongs to which cannot be told, so each needs a name of its own.");
    }
    store(it->second, value);
  }
}

template <class Parse>
void read_attribute(const Graph& graph, std::string_view key, Parse parse) {
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    if (!node.is_variable() || !node.source) continue;
    const auto it = node.source->attributes.find(key);
    if (it == node.source->attributes.end()) continue;
    try {
      parse(size_t(node.first_entry), it->second);
    } catch (const Error& error) {
      throw Error(graph.describe(n), ": its attribute ", key, ": ", error.what(), ".");
    }
  }
}

DType parse_type_attribute(const std::string& text) {
  if (text.find_first_not_of("0123456789") != std::string::npos) return dtype_from_name(text);
  int flag = 0;
  value_type<int>().parse(text, &flag);
  if (!is_type_flag(flag)) throw Error("'", text, "' is no type flag");
  return DType(flag);
}

void require_complete(const Graph& graph, const std::vector<Shape>& shapes) {
  std::string unknown;
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    if (!node.is_variable() || shapes[size_t(node.first_entry)].is_known()) continue;
    const Shape& shape = shapes[size_t(node.first_entry)];
    unknown += concat(unknown.empty() ? "" : ", ", node.source->name,
                      shape.empty() ? std::string() : concat(" ", shape));
  }
  if (!unknown.empty()) {
    throw Error("The shapes of these arguments do not follow from those given: ", unknown,
                ". Give their shapes, or the shape of an input that determines them.");
  }
  for (int n = 0; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    for (int i = 0; i < node.num_outputs; ++i) {
      if (shapes[size_t(node.first_entry + i)].is_known()) continue;
      throw Error(graph.describe(n), ": the shape of its output ", i, " stays ",
                  shapes[size_t(node.first_entry + i)],
                  " although all arguments are known; 0 is an unknown extent.");
    }
  }
}

}  // namespace

std::vector<Shape> infer_shapes(const Graph& graph, const ShapeMap& known, bool partial) {
  std::vector<Shape> shapes(size_t(graph.num_entries));
  std::vector<int> origins(shapes.size(), from_nobody);
  apply_known(graph, known, [&](int n, const Shape& shape) {
    for (int64_t dim : shape) {
      if (dim < 0)
        throw Error(graph.describe(n), ": its shape is given as ", shape,
                    "; extents are at least 0.");
    }
    const size_t entry = size_t(graph.nodes[size_t(n)].first_entry);
    shapes[entry] = shape;
    origins[entry] = from_caller;
  });
  read_attribute(graph, attribute::shape, [&](size_t entry, const std::string& text) {
    if (!shapes[entry].empty()) return;
    Shape stated;
    value_type<Shape>().parse(text, &stated);
    for (int axis = 0; axis < stated.ndim(); ++axis) {
      if (stated[axis] < -1)
        throw Error("'", text, "' has the extent ", stated[axis], "; at least 0 is expected");
      stated[axis] = std::max<int64_t>(stated[axis], 0);  // -1: MXNet 2's "unknown"
    }
    shapes[entry] = std::move(stated);
    origins[entry] = from_attribute;
  });
  Shapes pass(graph, std::move(shapes), std::move(origins));
  std::vector<bool> undecided(graph.nodes.size(), false);
  if (partial) {
    pass.be_partial();
    for (int n = 0; n < int(graph.nodes.size()); ++n) {
      visit(graph, n, pass, [&](const GraphNode& node) {
        const auto* rule = node.op->attributes.get<PartialShapes>();
        undecided[size_t(n)] =
            rule && rule->is_undecided && rule->is_undecided(node.params.get(), pass);
      });
    }
  }
  run_to_fixpoint(graph, pass,
                  [&](const GraphNode& node) { node.op->infer_shape(node.params.get(), pass); });
  if (partial) {
    for (int n = 0; n < int(graph.nodes.size()); ++n) {
      visit(graph, n, pass, [&](const GraphNode& node) {
        const auto* rule = node.op->attributes.get<PartialShapes>();
        if (rule && rule->guess) rule->guess(node.params.get(), pass);
        if (undecided[size_t(n)]) pass.forget_outputs();
      });
    }
  } else {
    require_complete(graph, pass.values());
  }
  return pass.take_values();
}

std::vector<DType> infer_types(const Graph& graph, const TypeMap& known) {
  std::vector<DType> types(size_t(graph.num_entries), DType::unknown);
  std::vector<int> origins(types.size(), from_nobody);
  apply_known(graph, known, [&](int n, DType type) {
    const size_t entry = size_t(graph.nodes[size_t(n)].first_entry);
    types[entry] = type;
    origins[entry] = from_caller;
  });
  read_attribute(graph, attribute::dtype, [&](size_t entry, const std::string& text) {
    if (types[entry] != DType::unknown) return;
    types[entry] = parse_type_attribute(text);
    origins[entry] = from_attribute;
  });
  Types pass(graph, std::move(types), std::move(origins));
  run_to_fixpoint(graph, pass,
                  [&](const GraphNode& node) { node.op->infer_type(node.params.get(), pass); });
  return pass.take_values();
}

Graph single_node_graph(const OpRecord& op, std::shared_ptr<const void> params, std::string name) {
  OpRecord::Names inputs = op.inputs(params.get());
  const OpRecord::Names states = op.auxiliaries(params.get());
  inputs.insert(inputs.end(), states.begin(), states.end());
  Graph graph;
  GraphNode node;
  for (std::string& input : inputs) {
    auto source = std::make_shared<Node>();
    source->name = std::move(input);
    GraphNode variable;
    variable.source = std::move(source);
    node.inputs.push_back({graph.add(std::move(variable)), 0});
  }
  auto source = std::make_shared<Node>();
  source->op = &op;
  source->params = params;
  source->name = std::move(name);
  node.op = &op;
  node.params = std::move(params);
  node.num_aux = int(states.size());
  node.num_outputs = source->num_outputs();
  node.source = std::move(source);
  const int added = graph.add(std::move(node));
  for (int i = 0; i < graph.nodes[size_t(added)].num_outputs; ++i)
    graph.outputs.push_back({added, i});
  return graph;
}

Annotations infer_node(const Graph& graph, std::span<const Shape> input_shapes,
                       std::span<const DType> input_types) {
  const int n = int(graph.nodes.size()) - 1;
  const GraphNode& node = graph.nodes[size_t(n)];
  std::vector<Shape> known_shapes(input_shapes.begin(), input_shapes.end());
  std::vector<DType> known_types(input_types.begin(), input_types.end());
  known_shapes.resize(size_t(graph.num_entries));
  known_types.resize(size_t(graph.num_entries), DType::unknown);
  const std::vector<int> origins(size_t(graph.num_entries), from_caller);
  Shapes shapes(graph, std::move(known_shapes), origins);
  Types types(graph, std::move(known_types), origins);
  shapes.enter(n);
  types.enter(n);
  node.op->infer_shape(node.params.get(), shapes);
  // What partial inference guesses is so where nothing is unknown: an extent of 0 is one here.
  const auto* rule = node.op->attributes.get<PartialShapes>();
  if (rule && rule->guess) rule->guess(node.params.get(), shapes);
  node.op->infer_type(node.params.get(), types);
  return {shapes.take_values(), types.take_values()};
}

void annotate_appended(const Graph& graph, int first_node, Annotations& annotations) {
  annotations.shapes.resize(size_t(graph.num_entries));
  annotations.types.resize(size_t(graph.num_entries), DType::unknown);
  std::vector<int> origins(size_t(graph.num_entries), from_nobody);
  Shapes shapes(graph, std::move(annotations.shapes), origins);
  Types types(graph, std::move(annotations.types), origins);
  // Copies of the values, since the passes own theirs: a gradient takes its forward array's.
  std::vector<Entry> like;
  for (int n = first_node; n < int(graph.nodes.size()); ++n) {
    const GraphNode& node = graph.nodes[size_t(n)];
    like.clear();
    if (node.head_of.is_valid()) {
      like.push_back(node.head_of);
    } else if (node.op && node.op->forward) {
      const GraphNode& forward = graph.nodes[size_t(node.forward)];
      like.assign(forward.inputs.begin(), forward.inputs.end() - forward.num_aux);
    }
    shapes.enter(n);
    types.enter(n);
    if (like.empty()) {
      node.op->infer_shape(node.params.get(), shapes);
      node.op->infer_type(node.params.get(), types);
    }
    for (size_t i = 0; i < like.size(); ++i) {
      const size_t from = size_t(graph.entry_id(like[i]));
      shapes.set(out(int(i)), Shape(shapes.values()[from]));
      types.set(out(int(i)), types.values()[from]);
    }
  }
  annotations.shapes = shapes.take_values();
  annotations.types = types.take_values();
}

}  // namespace treadle
