#include "treadle/graph/placement.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "treadle/core/error.h"
#include "treadle/core/text.h"

namespace treadle {
namespace {

// All devices of the host share its memory.
Device canonical(Device device) { return device.kind == DeviceKind::gpu ? device : cpu(); }

// The group of a node; the plain spelling is that of the first releases.
const std::string* group_of(const Node& node) {
  for (const std::string_view key : {attribute::ctx_group, std::string_view("ctx_group")}) {
    const auto found = node.attributes.find(key);
    if (found != node.attributes.end()) return &found->second;
  }
  return nullptr;
}

class Placer {
 public:
  Placer(const Graph& graph, int num_forward_nodes, const PlacementOptions& options)
      : graph_(graph), num_forward_(size_t(num_forward_nodes)), options_(options) {}

  std::vector<Device> run() {
    found_.resize(graph_.nodes.size());
    if (options_.groups.empty() && options_.variables.empty()) {
      return std::vector<Device>(graph_.nodes.size(), canonical(options_.device));
    }
    for (size_t n = 0; n < num_forward_; ++n) found_[n] = given(int(n));
    for (size_t n = 0; n < num_forward_; ++n) follow_inputs(n);
    for (size_t n = num_forward_; n-- > 0;) lead_inputs(n);
    std::vector<Device> devices;
    for (const auto& found : found_) {
      devices.push_back(found.value_or(canonical(options_.device)));
    }
    place_gradients(devices);
    return devices;
  }

 private:
  // What the user says of the node itself.
  std::optional<Device> given(int n) const {
    const GraphNode& node = graph_.nodes[size_t(n)];
    if (node.is_variable()) {
      const auto array = options_.variables.find(node.source->name);
      if (array != options_.variables.end()) return canonical(array->second);
    }
    const std::string* group = group_of(*node.source);
    if (group == nullptr || options_.groups.empty()) return std::nullopt;
    const auto device = options_.groups.find(*group);
    if (device != options_.groups.end()) return canonical(device->second);
    std::vector<std::string> names;
    for (const auto& entry : options_.groups) names.push_back(entry.first);
    throw Error(graph_.describe(n), ": its ctx_group '", *group, "' has no device; group2ctx has ",
                join(names), ".", did_you_mean(*group, names));
  }

  void follow_inputs(size_t n) {
    if (found_[n]) return;
    for (const Entry input : graph_.nodes[n].inputs) {
      if (found_[n]) return;
      found_[n] = found_[size_t(input.node)];
    }
  }

  // Variables that nothing places go to their first user.
  void lead_inputs(size_t n) {
    const GraphNode& node = graph_.nodes[n];
    if (node.is_variable()) return;
    if (!found_[n]) found_[n] = canonical(options_.device);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const size_t input = size_t(node.inputs[i].node);
      const bool is_state = i + size_t(node.num_aux) >= node.inputs.size();
      const bool is_fixed = options_.variables.contains(graph_.nodes[input].source->name);
      if (graph_.nodes[input].is_variable() && (!is_placed(input) || (is_state && !is_fixed)))
        found_[input] = found_[n];
    }
  }
  // By itself; what an earlier user in this pass has said is overruled by one further in front.
  bool is_placed(size_t n) const { return given(int(n)).has_value(); }

  void place_gradients(std::vector<Device>& devices) const {
    std::unordered_map<const Node*, Device> by_source;
    for (size_t n = 0; n < num_forward_; ++n) by_source[graph_.nodes[n].source.get()] = devices[n];
    for (size_t n = num_forward_; n < devices.size(); ++n) {
      const GraphNode& node = graph_.nodes[n];
      if (node.head_of.is_valid()) {
        devices[n] = devices[size_t(node.head_of.node)];
      } else if (node.forward >= 0) {
        devices[n] = devices[size_t(node.forward)];
      } else if (const auto source = by_source.find(node.source.get()); source != by_source.end()) {
        devices[n] = source->second;
      }
    }
  }

  const Graph& graph_;
  const size_t num_forward_;
  const PlacementOptions& options_;
  std::vector<std::optional<Device>> found_;
};

class Cutter {
 public:
  Cutter(const Graph& graph, const std::vector<Device>& devices)
      : graph_(graph), devices_(devices) {}

  PlacedGraph run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) add(int(n));
    for (Entry output : graph_.outputs) made_.graph.outputs.push_back(moved(output));
    return std::move(made_);
  }

 private:
  Entry moved(Entry entry) const { return {made_.node_of[size_t(entry.node)], entry.output}; }

  void add(int n) {
    GraphNode node = graph_.nodes[size_t(n)];
    const Device here = devices_[size_t(n)];
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const bool is_state = i + size_t(node.num_aux) >= node.inputs.size();
      const Device there = devices_[size_t(node.inputs[i].node)];
      if (is_state && there != here) {
        throw Error(graph_.describe(n), " runs on ", here, ", but its ",
                    graph_.describe(node.inputs[i].node), " is on ", there,
                    "; it updates that state, so both must be on one device.");
      }
      node.inputs[i] = on_device(node.inputs[i], here);
    }
    if (node.forward >= 0) node.forward = made_.node_of[size_t(node.forward)];
    if (node.head_of.is_valid()) node.head_of = moved(node.head_of);
    made_.node_of.push_back(append(std::move(node), here, n));
  }

  int append(GraphNode node, Device device, int origin) {
    made_.devices.push_back(device);
    made_.origin_of.push_back(origin);
    return made_.graph.add(std::move(node));
  }

  // `entry`, of the graph before, on `device`; by a copy where it is not there.
  Entry on_device(Entry entry, Device device) {
    if (devices_[size_t(entry.node)] == device) return moved(entry);
    const auto known = copies_.find({entry, device});
    if (known != copies_.end()) return known->second;
    const OpRecord& op = OpRegistry::instance().get("_CrossDeviceCopy");
    auto source = std::make_shared<Node>();
    source->op = &op;
    source->name = concat(graph_.entry_name(entry), "_to_", device);
    source->params = op.schema.parse({}, op.name);
    GraphNode copy;
    copy.op = &op;
    copy.params = source->params;
    copy.source = std::move(source);
    copy.inputs = {moved(entry)};
    const Entry made = {append(std::move(copy), device, -1), 0};
    copies_[{entry, device}] = made;
    return made;
  }

  const Graph& graph_;
  const std::vector<Device>& devices_;
  PlacedGraph made_;
  std::map<std::pair<Entry, Device>, Entry> copies_;
};

}  // namespace

std::vector<Device> place(const Graph& graph, int num_forward_nodes,
                          const PlacementOptions& options) {
  return Placer(graph, num_forward_nodes, options).run();
}

PlacedGraph cut_edges(const Graph& graph, const std::vector<Device>& devices) {
  return Cutter(graph, devices).run();
}

}  // namespace treadle
