// What changed between the versions of MXNet, one named step each, so that the rest of reading
// knows the current form alone.
#include <algorithm>
#include <array>

#include "treadle/serialization/symbol_file.h"

namespace treadle {
namespace {

// Attributes of optimizers and placement, which got their underscores in 0.9.
constexpr std::array<std::string_view, 5> once_plain = {"ctx_group", "lr_mult", "wd_mult",
                                                        "force_mirroring", "mirror_stage"};

std::string reserved(std::string_view key) { return concat("__", key, "__"); }

// `lr_mult` becomes `__lr_mult__`.
void reserve_plain_keys(FileGraph& graph) {
  for (FileNode& node : graph.nodes) {
    for (std::string_view key : once_plain) {
      const auto it = node.attributes.find(key);
      if (it == node.attributes.end()) continue;
      std::string value = std::move(it->second);
      node.attributes.erase(it);
      node.attributes.insert_or_assign(reserved(key), std::move(value));
    }
  }
}

// `weight_lr_mult` of an operator moves to its weight, if that is a variable, as `__lr_mult__`.
void move_keys_to_inputs(FileGraph& graph) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    FileNode& node = graph.nodes[n];
    if (node.is_variable()) continue;
    const std::vector<std::string> names = input_names(graph, n);
    for (size_t i = 0; i < std::min(names.size(), node.inputs.size()); ++i) {
      FileNode& input = graph.nodes[node.inputs[i].node];
      if (!input.is_variable()) continue;
      for (std::string_view key : once_plain) {
        const auto it = node.attributes.find(concat(names[i], "_", key));
        if (it == node.attributes.end()) continue;
        input.attributes.insert_or_assign(reserved(key), it->second);
        node.attributes.erase(it);
      }
    }
  }
}

// Files up to 0.8 have every parameter, so a Pooling without this one is older than it: windows at
// the edge were rounded up then.
void round_up_old_pooling(FileGraph& graph) {
  for (FileNode& node : graph.nodes) {
    if (!node.keeps_apart || !node.record || node.record->name != "Pooling") continue;
    // A caller's own few parameters, as some programs write the old form, say nothing of its age.
    if (!node.params.contains("stride") || !node.params.contains("pad")) continue;
    node.params.emplace("pooling_convention", "full");
  }
}

// axis=-1 of these two meant "all axes".
void drop_last_axis_of_argmax(FileGraph& graph) {
  for (FileNode& node : graph.nodes) {
    if (!node.record || (node.record->name != "argmax" && node.record->name != "argmin")) continue;
    if (const auto it = node.params.find("axis"); it != node.params.end() && it->second == "-1") {
      node.params.erase(it);
    }
  }
}

// Auxiliary states were no nodes, and a trailing input could be left out.
void create_missing_inputs(FileGraph& graph) {
  const size_t count = graph.nodes.size();
  for (size_t n = 0; n < count; ++n) {
    if (graph.nodes[n].is_variable()) continue;
    const std::vector<std::string> names = input_names(graph, n);
    while (graph.nodes[n].inputs.size() < names.size()) {
      FileNode variable;
      variable.op = "null";
      variable.name = concat(graph.nodes[n].name, "_", names[graph.nodes[n].inputs.size()]);
      variable.attributes = graph.nodes[n].attributes;
      graph.nodes[n].inputs.push_back({uint32_t(graph.nodes.size()), 0});
      graph.nodes.push_back(std::move(variable));
    }
  }
}

// Variables learned then how their operator wants them initialised.
void add_default_initialisers(FileGraph& graph) {
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    const FileNode& node = graph.nodes[n];
    if (node.is_variable()) continue;
    const std::vector<std::string> names = input_names(graph, n);
    for (const VariableDefault& preset : node.record->variable_defaults) {
      const size_t i = size_t(std::ranges::find(names, preset.input) - names.begin());
      if (i >= node.inputs.size()) continue;
      FileNode& input = graph.nodes[node.inputs[i].node];
      if (input.is_variable()) input.attributes.emplace(attribute::init, preset.init);
    }
  }
}

struct Step {
  int before;  // files of earlier versions need it
  void (*apply)(FileGraph&);
};

template <size_t count>
void run(const Step (&steps)[count], FileGraph& graph) {
  for (const Step& step : steps) {
    if (graph.version < step.before) step.apply(graph);
  }
}

}  // namespace

void upgrade_keys(FileGraph& graph) {
  constexpr Step steps[] = {
      {10901, reserve_plain_keys}, {900, round_up_old_pooling}, {905, drop_last_axis_of_argmax}};
  run(steps, graph);
}

void upgrade_structure(FileGraph& graph) {
  constexpr Step steps[] = {
      {10901, move_keys_to_inputs}, {900, create_missing_inputs}, {904, add_default_initialisers}};
  run(steps, graph);
}

}  // namespace treadle
