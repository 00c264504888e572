// The registry as Python sees it: what functions, signatures and documentation are made from.
#include <algorithm>
#include <cmath>

#include "treadle/bindings/python/module.h"
#include "treadle/core/error.h"
#include "treadle/core/open_params.h"
#include "treadle/graph/infer.h"
#include "treadle/graph/op_inputs.h"

namespace treadle::python {
namespace {

// A legal value, as text, for a parameter without default.
std::string some_value(const ParamField& field) {
  const std::string& type = field.type->name;
  if (!field.type->choices.empty()) return field.type->choices.front();
  if (type.starts_with("tuple of int")) return "(1, 1)";
  if (type.starts_with("tuple")) return "(1.0, 1.0)";
  if (type.starts_with("element")) return "float32";
  if (type.starts_with("bool")) return "True";
  if (type.starts_with("text")) return "x";
  return std::to_string(std::max<int64_t>(
      1, std::isfinite(field.range.low) ? int64_t(std::ceil(field.range.low)) : 1));
}

struct InputNames {
  std::vector<OpInput> inputs;
  OpRecord::Names outputs;
};

// The names an operator's inputs have in its fullest form: they depend on the parameters
// (`no_bias`, `act_type`), so each flag and each choice is tried.
InputNames fullest_inputs(const OpRecord& op) {
  ParamText text;
  for (const ParamField& field : op.schema.fields()) {
    if (field.required) text[field.name] = some_value(field);
  }
  std::vector<ParamText> variants = {text};
  for (const ParamField& field : op.schema.fields()) {
    std::vector<std::string> values = field.type->choices;
    if (field.type->name.starts_with("bool")) values = {"True", "False"};
    for (const std::string& value : values) {
      variants.push_back(text);
      variants.back()[field.name] = value;
    }
  }
  InputNames fullest;
  for (const ParamText& variant : variants) {
    try {
      const auto params = op.schema.parse(variant, op.name);
      std::vector<OpInput> inputs = all_inputs(op, params.get());
      if (!fullest.inputs.empty() && inputs.size() <= fullest.inputs.size()) continue;
      fullest = {std::move(inputs), op.outputs(params.get())};
    } catch (const Error&) {
      continue;  // this value does not go with the others
    }
  }
  return fullest;
}

nb::dict describe(const ParamField& field) {
  nb::dict made;
  made["name"] = field.name;
  made["doc"] = field.doc;
  made["type"] = field.type->name;
  made["choices"] = field.type->choices;
  made["optional"] = field.type->is_optional;
  made["required"] = field.required;
  made["default"] = field.default_text;
  return made;
}

nb::dict describe(const std::string& name) {
  const OpRecord& op = OpRegistry::instance().get(name);
  const InputNames names = fullest_inputs(op);
  nb::list params;
  for (const ParamField& field : op.schema.fields()) {
    if (field.name != all_parameters) params.append(describe(field));
  }
  nb::dict made;
  made["name"] = op.name;
  made["aliases"] = op.aliases;
  made["doc"] = op.doc;
  nb::list inputs;
  for (const OpInput& input : names.inputs) inputs.append(input.name);
  made["inputs"] = inputs;
  made["outputs"] = names.outputs;
  made["count_param"] = op.count_param;
  made["takes_list"] = takes_list(op);
  made["is_open"] = is_open(op.schema);
  made["params"] = params;
  made["differentiable"] = op.gradient_kind != GradientKind::none;
  return made;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names;
  for (const OpRecord* op : OpRegistry::instance().all()) {
    names.push_back(op->name);
    names.insert(names.end(), op->aliases.begin(), op->aliases.end());
  }
  std::ranges::sort(names);
  return names;
}

std::vector<Shape> output_shapes(const std::string& name, const ParamText& text,
                                 const std::vector<Shape>& inputs) {
  const OpRecord& op = OpRegistry::instance().get(name);
  const auto params = op.schema.parse(text, op.name);
  const Graph graph = single_node_graph(op, params, op.name);
  const std::vector<DType> types(inputs.size(), DType::f32);
  const Annotations known = infer_node(graph, inputs, types);
  const GraphNode& node = graph.nodes.back();
  return {known.shapes.begin() + node.first_entry,
          known.shapes.begin() + node.first_entry + node.num_outputs};
}

}  // namespace

void bind_operators(nb::module_& module) {
  module.def("operator_names", all_names, "Names and aliases of all operators.");
  module.def("has_operator", [](const std::string& name) {
    const OpRecord* op = OpRegistry::instance().find(name);
    return op != nullptr && op->forward == nullptr;
  });
  module.def(
      "describe_operator", [](const std::string& name) { return describe(name); },
      "What an operator declares; inputs and states in their fullest form.");
  module.def("output_shapes", output_shapes,
             "Shapes of an operator's outputs from those of its inputs.");
}

}  // namespace treadle::python
