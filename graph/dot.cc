#include "treadle/graph/dot.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "treadle/graph/graph.h"
#include "treadle/graph/infer.h"

namespace treadle {
namespace {

// Text inside a quoted string of the language.
std::string quoted(std::string_view text) {
  std::string made = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') made += '\\';
    if (c == '\n') {
      made += "\\n";
    } else {
      made += c;
    }
  }
  return made + "\"";
}

// Kinds of operators by their names: colours help the eye, nothing depends on them.
std::string_view colour_of(std::string_view op) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kinds = {{
      {"Convolution", "#f5b7a5"},
      {"Deconvolution", "#f5b7a5"},
      {"FullyConnected", "#f5b7a5"},
      {"Activation", "#f9e2a0"},
      {"LeakyReLU", "#f9e2a0"},
      {"Pooling", "#b5d8b0"},
      {"BatchNorm", "#c5b8e0"},
      {"Flatten", "#d8d8d8"},
      {"Reshape", "#d8d8d8"},
  }};
  for (const auto& [name, colour] : kinds) {
    if (name == op) return colour;
  }
  return op.ends_with("Output") ? "#f2a6b8" : "#b8d4ea";
}

// "(5, 5)" as "5×5".
std::string extent(std::string_view tuple) {
  std::string made;
  for (const char c : tuple) {
    if (c == ',') made += "\u00d7";
    if (c >= '0' && c <= '9') made += c;
  }
  return made;
}

// What tells one node of an operator from another, in a few words.
std::string summary(const Node& node) {
  const auto params = node.op->schema.print(node.params.get());
  const auto get = [&](std::string_view key) -> std::string {
    for (const auto& [name, value] : params) {
      if (name == key) return value;
    }
    return {};
  };
  std::vector<std::string> words;
  for (const char* key : {"act_type", "pool_type", "num_hidden", "num_filter"}) {
    if (std::string value = get(key); !value.empty()) words.push_back(std::move(value));
  }
  if (const std::string kernel = extent(get("kernel")); !kernel.empty()) words.push_back(kernel);
  if (const std::string stride = extent(get("stride")); !stride.empty() && stride != "1\u00d71") {
    words.push_back("stride " + stride);
  }
  if (const std::string pad = extent(get("pad")); !pad.empty() && pad != "0\u00d70")
    words.push_back("pad " + pad);
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : ", ") + word;
  return line;
}

// Variables that only parametrise one operator.
std::vector<bool> find_parameters(const Graph& graph) {
  static constexpr std::array<std::string_view, 5> roles = {"weight", "bias", "gamma", "beta",
                                                            "label"};
  std::vector<int> uses(graph.nodes.size(), 0);
  std::vector<bool> is_parameter(graph.nodes.size(), false);
  for (const GraphNode& node : graph.nodes) {
    if (node.is_variable()) continue;
    const OpRecord::Names names = node.op->inputs(node.params.get());
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const size_t input = size_t(node.inputs[i].node);
      ++uses[input];
      const bool is_state = i >= names.size();
      is_parameter[input] = is_state || std::ranges::count(roles, names[i]) > 0;
    }
  }
  for (const Entry output : graph.outputs) ++uses[size_t(output.node)];
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    is_parameter[n] = is_parameter[n] && graph.nodes[n].is_variable() && uses[n] == 1;
  }
  return is_parameter;
}

}  // namespace

std::string to_dot(const Symbol& symbol, const DotOptions& options) {
  const Graph graph = Graph::from(symbol);
  const std::vector<Shape> shapes =
      options.shapes.empty() ? std::vector<Shape>() : infer_shapes(graph, options.shapes, true);
  std::vector<bool> is_hidden(graph.nodes.size(), false);
  if (options.hide_parameters) is_hidden = find_parameters(graph);

  std::ostringstream text;
  text << "digraph " << quoted(options.title) << " {\n"
       << "  graph [rankdir=TB, nodesep=0.4, ranksep=0.45, fontname=\"Helvetica\"];\n"
       << "  node [shape=box, style=\"filled,rounded\", fontname=\"Helvetica\", fontsize=12, "
          "color=\"#555555\", margin=\"0.2,0.08\"];\n"
       << "  edge [color=\"#555555\", fontname=\"Helvetica\", fontsize=10, "
          "fontcolor=\"#333333\"];\n";
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (is_hidden[n]) continue;
    const GraphNode& node = graph.nodes[n];
    std::string label = node.source->name;
    text << "  n" << n << " [label=";
    if (node.is_variable()) {
      text << quoted(label) << ", shape=ellipse, style=filled, fillcolor=\"#e8eef2\"];\n";
      continue;
    }
    label += "\n" + node.op->name;
    if (const std::string words = summary(*node.source); !words.empty()) label += " " + words;
    text << quoted(label) << ", fillcolor=" << quoted(colour_of(node.op->name)) << "];\n";
  }
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    for (const Entry input : graph.nodes[n].inputs) {
      if (is_hidden[size_t(input.node)]) continue;
      text << "  n" << input.node << " -> n" << n;
      const Shape shape = shapes.empty() ? Shape() : shapes[size_t(graph.entry_id(input))];
      if (!shape.empty()) text << " [label=" << quoted(concat(" ", shape)) << "]";
      text << ";\n";
    }
  }
  text << "}\n";
  return std::move(text).str();
}

}  // namespace treadle
