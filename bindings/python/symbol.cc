#include "treadle/graph/symbol.h"

#include "treadle/bindings/python/module.h"
#include "treadle/core/error.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/scope.h"

namespace treadle::python {
namespace {

// Names come from Python's NameManager, which users subclass. Asking for one only when the
// parameters have been accepted is compose's promise, so it is asked from inside.
class PythonNames final : public NameManager {
 public:
  explicit PythonNames(const nb::callable& get) : get_(get) {}

  std::string get(std::string_view name, std::string_view hint) override {
    const nb::object given =
        name.empty() ? nb::none() : nb::object(nb::str(name.data(), name.size()));
    return nb::cast<std::string>(get_(given, nb::str(hint.data(), hint.size())));
  }

 private:
  const nb::callable& get_;
};

Symbol compose_named(const std::string& op, const ParamText& params,
                     const std::vector<Symbol>& positional,
                     const std::map<std::string, Symbol>& named, const std::string& name,
                     const Attributes& attributes, const nb::callable& names) {
  PythonNames scope(names);
  return compose(op, params, positional, named, name, attributes);
}

// Replaces variables, and renames the node behind the outputs when a name is given.
Symbol substitute(const Symbol& symbol, const std::map<std::string, Symbol>& replacements,
                  const std::string& name) {
  Symbol made = symbol.substitute(replacements);
  if (name.empty()) return made;
  if (made.name().empty()) throw Error("A group of several nodes cannot be named '", name, "'.");
  if (!made.outputs()[0].node->is_variable()) made.outputs()[0].node->name = name;
  return made;
}

nb::object attr(const Symbol& symbol, const std::string& key) {
  const std::optional<std::string> value = symbol.attr(key);
  return value ? nb::object(nb::str(value->data(), value->size())) : nb::none();
}

// The inputs that composing made itself, by the operator's name for them.
std::map<std::string, std::string> input_names(const Symbol& symbol) {
  std::map<std::string, std::string> found;
  if (symbol.is_empty() || symbol.outputs()[0].node->is_variable()) return found;
  const Node& node = *symbol.outputs()[0].node;
  const std::vector<OpInput> roles = all_inputs(*node.op, node.params.get());
  for (size_t i = 0; i < roles.size() && i < node.inputs.size(); ++i) {
    if (node.inputs[i].node->is_variable()) found[roles[i].name] = node.inputs[i].node->name;
  }
  return found;
}

// The node behind a symbol of one node, with inputs that are made for it.
Symbol atomic(const Symbol& symbol) {
  if (symbol.name().empty()) {
    throw Error("A group of several nodes is no single operator; choose one output of it first.");
  }
  const Node& node = *symbol.outputs()[0].node;
  if (node.is_variable()) return symbol;
  return compose(node.op->name, node.param_text, {}, {}, node.name, node.attributes);
}

template <class Inferred>
nb::tuple as_tuple(const Inferred& inferred) {
  return nb::make_tuple(inferred.arguments, inferred.outputs, inferred.auxiliaries,
                        inferred.is_complete);
}

}  // namespace

void bind_symbol(nb::module_& module) {
  module.def("compose", compose_named);
  nb::class_<Symbol>(module, "Symbol",
                     "Outputs of a graph. The class treadle.symbol.Symbol holds one.")
      .def_static("variable",
                  [](const std::string& name, const Attributes& attributes) {
                    return Symbol::variable(name, attributes);
                  })
      .def_static("group",
                  [](const std::vector<Symbol>& members) { return Symbol::group(members); })
      .def_static(
          "from_json", [](const std::string& json) { return Symbol::from_json(json); },
          ReleaseGil())
      .def_static("load", &Symbol::load, ReleaseGil())
      .def("to_json", &Symbol::to_json, ReleaseGil())
      .def("save", &Symbol::save, ReleaseGil())
      .def("__len__", &Symbol::num_outputs)
      .def("output", [](const Symbol& symbol, int index) { return symbol[index]; })
      .def("output", [](const Symbol& symbol,
                        const std::string& name) { return symbol[std::string_view(name)]; })
      .def("is_variable",
           [](const Symbol& symbol) {
             return symbol.num_outputs() == 1 && symbol.outputs()[0].node->is_variable();
           })
      .def("name", &Symbol::name)
      .def("list_arguments", &Symbol::list_arguments)
      .def("list_auxiliary_states", &Symbol::list_auxiliary_states)
      .def("list_outputs", &Symbol::list_outputs)
      .def("list_inputs", &Symbol::list_inputs)
      .def("internals", &Symbol::internals)
      .def("children", &Symbol::children)
      .def("atomic", atomic)
      .def("input_names", input_names)
      .def("attr", attr)
      .def("set_attr", [](Symbol& symbol, const std::string& key,
                          const std::string& value) { symbol.set_attr(key, value); })
      .def("list_attr", &Symbol::list_attr)
      .def("attr_dict", &Symbol::attr_dict)
      .def("deep_copy", &Symbol::deep_copy)
      .def("substitute", substitute)
      .def("infer_shape",
           [](const Symbol& symbol, const ShapeMap& known) {
             return as_tuple(symbol.infer_shape(known, true));
           })
      .def("infer_type", [](const Symbol& symbol,
                            const TypeMap& known) { return as_tuple(symbol.infer_type(known)); })
      .def("debug_str", &Symbol::debug_str);
}

}  // namespace treadle::python
