// Writes treadle/ops.h from the operators that are linked into it: one documented, callable struct
// per public operator, one enum per kind of choice.
//
//   generate_ops_header PATH     writes the header, only if its text differs from the file's
//   generate_ops_header --json   prints the registry as JSON, for documentation and bindings
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <set>
#include <sstream>

#include "treadle/core/open_params.h"
#include "treadle/core/text.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/graph/op_interface.h"
#include "treadle/operators/implementation_names.h"
#include "treadle/serialization/operator_json.h"

namespace treadle {
namespace {

bool is_identifier(std::string_view name) {
  if (name.empty() || (!std::isalpha(static_cast<unsigned char>(name[0])) && name[0] != '_'))
    return false;
  return std::ranges::all_of(name, [](unsigned char c) { return std::isalnum(c) || c == '_'; });
}

// A name as C++ takes it: `default` becomes `default_`, "3d" becomes `_3d`.
std::string cpp_name(std::string_view name) {
  static const std::set<std::string, std::less<>> keywords = {
      "and",      "auto",      "bool",   "break",     "case",   "char",    "class",    "const",
      "continue", "default",   "delete", "do",        "double", "else",    "enum",     "explicit",
      "export",   "extern",    "false",  "float",     "for",    "friend",  "goto",     "if",
      "inline",   "int",       "long",   "namespace", "new",    "not",     "operator", "or",
      "private",  "protected", "public", "register",  "return", "short",   "signed",   "sizeof",
      "static",   "struct",    "switch", "template",  "this",   "throw",   "true",     "try",
      "typedef",  "typename",  "union",  "unsigned",  "using",  "virtual", "void",     "volatile",
      "while",    "xor"};
  std::string made;
  for (unsigned char c : name) made += std::isalnum(c) || c == '_' ? char(c) : '_';
  if (made.empty() || std::isdigit(static_cast<unsigned char>(made[0]))) made = "_" + made;
  return keywords.contains(made) ? made + "_" : made;
}

// "ActType" for an enum and for an optional one.
std::string enum_name(const ValueType& type) {
  std::string name = type.cpp_name;
  if (type.is_optional)
    name = name.substr(name.find('<') + 1, name.rfind('>') - name.find('<') - 1);
  return name;
}

std::string real_literal(const std::string& text, bool is_float) {
  const std::string type = is_float ? "float" : "double";
  if (text == "nan") return "std::numeric_limits<" + type + ">::quiet_NaN()";
  if (text == "inf") return "std::numeric_limits<" + type + ">::infinity()";
  if (text == "-inf") return "-std::numeric_limits<" + type + ">::infinity()";
  const bool is_whole = text.find_first_of(".e") == std::string::npos;
  return is_float && !is_whole ? text + "f" : text;
}

std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + "\"";
}

std::string dtype_literal(const std::string& text) {
  static const std::map<std::string, std::string> names = {
      {"float32", "f32"},  {"float64", "f64"},    {"float16", "f16"}, {"bfloat16", "bf16"},
      {"uint8", "u8"},     {"int8", "i8"},        {"int32", "i32"},   {"int64", "i64"},
      {"bool", "boolean"}, {"unknown", "unknown"}};
  return "DType::" + names.at(text);
}

std::string literal(const ValueType& type, const std::string& text) {
  std::string name = type.cpp_name;
  if (type.is_optional) {
    if (text == "None") return "std::nullopt";
    name = enum_name(type);  // the type inside
  }
  if (!type.choices.empty()) return enum_name(type) + "::" + cpp_name(text);
  if (name == "bool") return text == "True" ? "true" : "false";
  if (name == "float" || name == "double") return real_literal(text, name == "float");
  if (name == "std::string") return quoted(text);
  if (name == "DType") return dtype_literal(text);
  if (text.starts_with('(')) {  // a tuple; Python's (3,) has a comma more
    std::string inside = text.substr(1, text.size() - 2);
    if (inside.ends_with(',')) inside.pop_back();
    return "{" + inside + "}";
  }
  return text;
}

class Writer {
 public:
  std::string run() {
    text_ << "// The operators as C++ structs, written by tools/generate_ops_header.cc from their "
             "own\n"
             "// declarations. A struct's members are the operator's parameters; calling it on "
             "symbols\n"
             "// makes a node:\n"
             "//\n"
             "//   net = FullyConnected{.num_hidden = 128}(net, \"fc1\");\n"
             "//   net = Convolution{.kernel = {3, 3}, .num_filter = 8}({.data = x, .weight = w}, "
             "\"conv\");\n"
             "//\n"
             "// Inputs that are left out become variables, named after the node: \"fc1_weight\".\n"
             "#pragma once\n\n"
             "#include <initializer_list>\n"
             "#include <limits>\n"
             "#include <optional>\n"
             "#include <span>\n"
             "#include <string>\n"
             "#include <string_view>\n"
             "#include <vector>\n\n"
             "#include \"treadle/graph/op_call.h\"\n\n"
             "namespace treadle {\n\n";
    std::vector<const OpRecord*> ops;
    for (const OpRecord* op : OpRegistry::instance().all()) {
      const bool has_struct = is_identifier(op->name) && op->name[0] != '_' && !is_open(op->schema);
      if (has_struct) ops.push_back(op);
    }
    for (const OpRecord* op : ops) {
      for (const ParamField& field : op->schema.fields()) add_enum(*op, field);
    }
    for (const OpRecord* op : ops) add_struct(*op);
    text_ << "// Implementation\n\n" << bodies_.str() << "}  // namespace treadle\n";
    return text_.str();
  }

 private:
  void comment(std::string_view indent, std::string_view sentence) {
    std::istringstream words{std::string(sentence)};
    std::string line, word;
    const size_t width = 100 - indent.size() - 3;
    while (words >> word) {
      if (!line.empty() && line.size() + 1 + word.size() > width) {
        text_ << indent << "// " << line << "\n";
        line.clear();
      }
      line += (line.empty() ? "" : " ") + word;
    }
    if (!line.empty()) text_ << indent << "// " << line << "\n";
  }

  void add_enum(const OpRecord& op, const ParamField& field) {
    const ValueType& type = *field.type;
    if (type.choices.empty()) return;
    const std::string name = enum_name(type);
    const auto [it, is_new] = enums_.try_emplace(name, op.name, type.choices);
    if (!is_new) {
      if (it->second.second == type.choices) return;
      throw Error("The enum ", name, " has the values ", join(it->second.second), " in ",
                  it->second.first, " and ", join(type.choices), " in ", op.name,
                  "; give one of them another name.");
    }
    text_ << "enum class " << name << " { ";
    std::vector<std::string> values, names;
    for (const std::string& choice : type.choices) {
      values.push_back(cpp_name(choice));
      names.push_back(quoted(choice));
    }
    text_ << join(values) << " };\n"
          << "inline EnumNames describe(" << name << ") {\n"
          << "  return enum_names(" << quoted(name) << ", " << join(names) << ");\n}\n\n";
  }

  void add_struct(const OpRecord& op) {
    const OpInterface has = interface_of(op);
    const bool is_variadic = takes_list(op);
    comment("", op.doc);
    std::string inputs = is_variadic ? std::string("any number") : join(has.inputs);
    if (!has.auxiliaries.empty()) inputs += "; auxiliary states: " + join(has.auxiliaries);
    comment("", "Inputs: " + (inputs.empty() ? std::string("none") : inputs) + ".");
    if (has.num_visible > 1) {
      const std::vector<std::string> visible(has.outputs.begin(),
                                             has.outputs.begin() + has.num_visible);
      comment("", "Outputs: " + join(visible) + ".");
    }
    text_ << "struct " << op.name << " {\n";
    for (const ParamField& field : op.schema.fields()) {
      if (field.name == op.count_param) continue;  // the number of symbols says it
      comment("  ", field.doc + describe_range(field.range));
      const std::string name = cpp_name(field.name);
      if (field.required) {
        text_ << "  RequiredParam<" << field.type->cpp_name << "> " << name << " = {};\n";
      } else {
        text_ << "  " << field.type->cpp_name << " " << name << " = "
              << literal(*field.type, field.default_text) << ";\n";
      }
    }
    if (!op.schema.fields().empty()) text_ << "\n";
    if (is_variadic) {
      add_variadic_calls(op);
    } else {
      add_calls(op, has);
    }
    text_ << "\n private:\n  OpCall as_call() const;\n};\n\n";

    bodies_ << "inline OpCall " << op.name << "::as_call() const {\n  OpCall call("
            << quoted(op.name) << ");\n";
    for (const ParamField& field : op.schema.fields()) {
      if (field.name == op.count_param) continue;
      bodies_ << "  call.param(" << quoted(field.name) << ", " << cpp_name(field.name);
      if (!field.required) bodies_ << ", " << quoted(field.default_text);
      bodies_ << ");\n";
    }
    bodies_ << "  return call;\n}\n\n";
  }

  // Declares a call operator that takes `inputs`, and defines it with `body`.
  void add_call(const OpRecord& op, const std::string& inputs, const std::string& body) {
    text_ << "  Symbol operator()(" << inputs << (inputs.empty() ? "" : ", ")
          << "std::string_view node_name = {},\n"
             "                    const Attributes& attributes = {}) const;\n";
    std::string qualified = inputs;
    if (inputs.starts_with("const Inputs&")) qualified.insert(6, op.name + "::");
    bodies_ << "inline Symbol " << op.name << "::operator()(" << qualified
            << (inputs.empty() ? "" : ", ") << "std::string_view node_name,\n"
            << std::string(27 + op.name.size(), ' ') << "const Attributes& attributes) const {\n"
            << body << "}\n\n";
  }

  void add_calls(const OpRecord& op, const OpInterface& has) {
    std::vector<std::string> names = has.inputs;
    names.insert(names.end(), has.auxiliaries.begin(), has.auxiliaries.end());
    if (names.empty()) {
      return add_call(op, "", "  return as_call().compose(node_name, attributes);\n");
    }
    std::vector<std::string> members;
    std::string by_name = "  OpCall call = as_call();\n";
    for (const std::string& name : names) {
      members.push_back(cpp_name(name) + " = {}");
      by_name += "  call.input(" + quoted(name) + ", inputs." + cpp_name(name) + ");\n";
    }
    text_ << "  // Given by name; those left out become variables.\n  struct Inputs {\n    Symbol "
          << join(members) << ";\n  };\n";
    add_call(op, "const Symbol& first",
             "  return as_call().input(first).compose(node_name, attributes);\n");
    add_call(op, "const Inputs& inputs",
             by_name + "  return call.compose(node_name, attributes);\n");
  }

  void add_variadic_calls(const OpRecord& op) {
    add_call(op, "std::span<const Symbol> inputs",
             "  return as_call().inputs(inputs).compose(node_name, attributes);\n");
    add_call(op, "std::initializer_list<Symbol> inputs",
             "  return (*this)(std::span<const Symbol>(inputs.begin(), inputs.size()), node_name,\n"
             "                 attributes);\n");
  }

  std::ostringstream text_;
  std::ostringstream bodies_;  // of the structs' functions, behind all of them
  std::map<std::string, std::pair<std::string, std::vector<std::string>>> enums_;
};

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void print_registry() {
  const char* separator = "[\n";
  for (const OpRecord* op : OpRegistry::instance().all()) {
    std::cout << separator << operator_json(*op, implementation_names<DeviceKind::cpu>(*op));
    separator = ",\n";
  }
  std::cout << "\n]\n";
}

int run(const std::string& argument) {
  if (argument == "--json") {
    print_registry();
    return 0;
  }
  const std::string text = Writer().run();
  if (read_file(argument) == text) return 0;
  std::ofstream file(argument, std::ios::binary);
  file << text;
  file.close();
  if (!file) throw Error("Cannot write ", argument, ".");
  return 0;
}

}  // namespace
}  // namespace treadle

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: generate_ops_header PATH | --json\n";
    return 2;
  }
  try {
    return treadle::run(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << "generate_ops_header: " << error.what() << "\n";
    return 1;
  }
}
