// Composition: from an operator's name, parameters and inputs to a node.
#include <algorithm>

#include "treadle/core/text.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/scope.h"
#include "treadle/graph/symbol.h"

namespace treadle {
namespace {

const NodeEntry& single_output(const Symbol& symbol, std::string_view who, std::string_view input) {
  if (symbol.num_outputs() != 1) {
    throw Error(who, ": ", input, " is a symbol with ", symbol.num_outputs(),
                " outputs; one is expected, choose it by number or name.");
  }
  return symbol.outputs()[0];
}

std::shared_ptr<Node> automatic_variable(const OpRecord& op, const std::string& node_name,
                                         const std::string& input, const Attributes& attributes) {
  auto variable = std::make_shared<Node>();
  variable->name = concat(node_name, "_", input);
  variable->attributes = attributes;
  for (const VariableDefault& preset : op.variable_defaults) {
    if (preset.input == input) variable->attributes.emplace(attribute::init, preset.init);
  }
  return variable;
}

void check_input_names(const std::string& who, const std::vector<std::string>& names,
                       size_t num_positional, const std::map<std::string, Symbol>& named) {
  if (num_positional > names.size()) {
    throw Error(who, ": ", num_positional, " inputs are given by position; the operator takes ",
                names.size(), names.empty() ? std::string() : concat(" (", join(names), ")"), ".");
  }
  for (const auto& [name, symbol] : named) {
    const auto it = std::ranges::find(names, name);
    if (it == names.end()) {
      throw Error(who, ": there is no input '", name, "'.", did_you_mean(name, names),
                  " The inputs are ", join(names), ".");
    }
    if (size_t(it - names.begin()) < num_positional) {
      throw Error(who, ": ", name, " is given twice, by position and by name.");
    }
  }
}

}  // namespace

Symbol compose(std::string_view op_name, const ParamText& params,
               std::span<const Symbol> positional, const std::map<std::string, Symbol>& named,
               std::string_view given_name, const Attributes& attributes) {
  const OpRecord& op = OpRegistry::instance().get(op_name);
  auto node = std::make_shared<Node>();
  node->op = &op;
  node->param_text = params;
  if (!op.count_param.empty() && !params.contains(op.count_param)) {
    node->param_text[op.count_param] = std::to_string(positional.size() + named.size());
  }
  const std::string who = given_name.empty() ? op.name : concat(op.name, "(", given_name, ")");
  node->params = op.schema.parse(node->param_text, who);

  const std::vector<OpInput> roles = all_inputs(op, node->params.get());
  std::vector<std::string> names;
  for (const OpInput& role : roles) names.push_back(role.name);
  check_input_names(who, names, positional.size(), named);

  node->inputs.resize(names.size());
  for (size_t i = 0; i < names.size(); ++i) {
    const auto by_name = named.find(names[i]);
    if (i < positional.size()) {
      node->inputs[i] = single_output(positional[i], who, names[i]);
    } else if (by_name != named.end()) {
      node->inputs[i] = single_output(by_name->second, who, names[i]);
    } else {
      continue;
    }
    if (roles[i].is_state() && !node->inputs[i].node->is_variable()) {
      throw Error(who, ": ", names[i], " is the output of ", node->inputs[i].node->describe(),
                  "; an auxiliary state is updated in place and must be a variable.");
    }
  }

  // Drawn when nothing can go wrong any more: a refused call must not change the names of later
  // ones.
  node->name = NameManager::current().get(given_name, to_lower(op_name));
  node->attributes = AttrScope::merge(attributes);
  for (size_t i = 0; i < names.size(); ++i) {
    if (node->inputs[i].node) continue;
    node->inputs[i] = {automatic_variable(op, node->name, names[i], node->attributes), 0};
  }

  std::vector<NodeEntry> outputs;
  for (int i = 0; i < node->num_visible(); ++i) outputs.push_back({node, i});
  return Symbol(std::move(outputs));
}

namespace {

Symbol apply(std::string_view op, const Symbol& a, const Symbol& b) {
  const Symbol inputs[] = {a, b};
  return compose(op, {}, inputs);
}
Symbol apply(std::string_view op, const Symbol& a, double scalar) {
  const Symbol inputs[] = {a};
  return compose(op, {{"scalar", value_type<double>().print(&scalar)}}, inputs);
}

}  // namespace

Symbol operator+(const Symbol& a, const Symbol& b) { return apply("_Plus", a, b); }
Symbol operator-(const Symbol& a, const Symbol& b) { return apply("_Minus", a, b); }
Symbol operator*(const Symbol& a, const Symbol& b) { return apply("_Mul", a, b); }
Symbol operator/(const Symbol& a, const Symbol& b) { return apply("_Div", a, b); }
Symbol operator+(const Symbol& a, double b) { return apply("_PlusScalar", a, b); }
Symbol operator-(const Symbol& a, double b) { return apply("_MinusScalar", a, b); }
Symbol operator*(const Symbol& a, double b) { return apply("_MulScalar", a, b); }
Symbol operator/(const Symbol& a, double b) { return apply("_DivScalar", a, b); }
Symbol operator+(double a, const Symbol& b) { return apply("_PlusScalar", b, a); }
Symbol operator-(double a, const Symbol& b) { return apply("_RMinusScalar", b, a); }
Symbol operator*(double a, const Symbol& b) { return apply("_MulScalar", b, a); }
Symbol operator/(double a, const Symbol& b) { return apply("_RDivScalar", b, a); }
Symbol operator-(const Symbol& a) { return apply("_MulScalar", a, -1.0); }

}  // namespace treadle
