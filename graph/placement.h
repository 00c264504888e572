// Device placement: which node runs where, and copies on the edges that are cut.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "treadle/core/device.h"
#include "treadle/graph/graph.h"

namespace treadle {

// Devices by ctx_group: MXNet's group2ctx.
using GroupMap = std::map<std::string, Device, std::less<>>;
// Devices by the name of a variable.
using DeviceMap = std::map<std::string, Device, std::less<>>;

struct PlacementOptions {
  Device device = {};        // of what nothing else places
  GroupMap groups = {};      // empty: everything is on `device`, whatever group it has
  DeviceMap variables = {};  // where their arrays are, which goes before a group
};

// A device per node. A node is where its group is; without one where its first placed input is;
// else, as variables mostly are, where its first placed user is. An auxiliary state is with its
// operator, a gradient with the node that it belongs to. Nodes from `num_forward_nodes` on are
// those of the gradient pass. Error for a group that `groups` lacks.
std::vector<Device> place(const Graph& graph, int num_forward_nodes,
                          const PlacementOptions& options);

// What cut_edges gives: the graph with its copy nodes, and where everything has come to.
struct PlacedGraph {
  Graph graph;
  std::vector<Device> devices;  // per node
  std::vector<int> node_of;     // per node of the graph before: its number now
  std::vector<int> origin_of;   // per node: its number before; -1 of a copy node
};

// Puts a `_CrossDeviceCopy` on each edge between two devices, one per entry and device, before its
// first reader. Host memory is one device. Error where an auxiliary state is not with its operator.
PlacedGraph cut_edges(const Graph& graph, const std::vector<Device>& devices);

}  // namespace treadle
