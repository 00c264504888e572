// The compiler's passes that know of several devices: placement, and one memory plan per device.
#include <algorithm>

#include "treadle/executor/compiler.h"
#include "treadle/graph/infer.h"

namespace treadle {

void ProgramCompiler::place() {
  for (int n = 0; n < int(graph().nodes.size()); ++n) {
    const GraphNode& node = graph().nodes[size_t(n)];
    random_parts_.push_back(uint32_t(node.forward >= 0 ? node.forward : n));
  }
  devices_ = treadle::place(
      graph(), num_forward_nodes_,
      {.device = options_.device, .groups = options_.groups, .variables = options_.variables});
  const Device first = devices_.front();
  const bool is_cut = !std::ranges::all_of(devices_, [&](Device d) { return d == first; });
  if (is_cut) {
    copy_gradients_home();
    PlacedGraph placed = cut_edges(graph(), devices_);
    const auto moved = [&](int& node) {
      if (node >= 0) node = placed.node_of[size_t(node)];
    };
    std::ranges::for_each(argument_nodes_, moved);
    std::ranges::for_each(auxiliary_nodes_, moved);
    std::ranges::for_each(head_nodes_, moved);
    for (Entry& gradient : gradient_of_argument_) moved(gradient.node);
    // What only backward reads is copied behind the last forward node.
    num_forward_nodes_ = placed.node_of[size_t(num_forward_nodes_) - 1] + 1;
    Annotations annotations;
    std::vector<uint32_t> parts;
    const Annotations& before = program_->annotations_;
    for (size_t n = 0; n < placed.graph.nodes.size(); ++n) {
      const GraphNode& node = placed.graph.nodes[n];
      const int origin = placed.origin_of[n];
      parts.push_back(origin < 0 ? 0 : random_parts_[size_t(origin)]);
      for (int i = 0; i < node.num_outputs; ++i) {
        if (origin < 0) {  // a copy, of an entry that is annotated already
          const size_t from = size_t(placed.graph.entry_id(node.inputs[0]));
          annotations.shapes.push_back(Shape(annotations.shapes[from]));
          annotations.types.push_back(DType(annotations.types[from]));
        } else {
          const size_t from = size_t(graph().entry_id({origin, i}));
          annotations.shapes.push_back(before.shapes[from]);
          annotations.types.push_back(before.types[from]);
        }
      }
    }
    program_->annotations_ = std::move(annotations);
    random_parts_ = std::move(parts);
    devices_ = std::move(placed.devices);
    graph() = std::move(placed.graph);
  }
  name_devices();
}

// A gradient that is computed on another device than its argument's is written, or added, by a copy
// that is with the argument.
void ProgramCompiler::copy_gradients_home() {
  const int first = int(graph().nodes.size());
  const OpRecord& op = OpRegistry::instance().get("_copy");
  for (size_t i = 0; i < argument_nodes_.size(); ++i) {
    Entry& gradient = gradient_of_argument_[i];
    const size_t argument = size_t(argument_nodes_[i]);
    if (!gradient.is_valid() || devices_[size_t(gradient.node)] == devices_[argument]) continue;
    GraphNode copy;
    copy.source = graph().nodes[argument].source;
    copy.op = &op;
    copy.params = op.schema.parse({}, op.name);
    copy.inputs = {gradient};
    devices_.push_back(devices_[argument]);
    random_parts_.push_back(0);
    gradient = {graph().add(std::move(copy)), 0};
  }
  annotate_appended(graph(), first, program_->annotations_);
}

void ProgramCompiler::name_devices() {
  const auto on_host = [](Device device) { return device.kind != DeviceKind::gpu; };
  const auto device_of = [&](int node) {
    // The host is called what the caller calls it.
    const Device device = devices_[size_t(node)];
    return on_host(device) && on_host(options_.device) ? options_.device : device;
  };
  for (int n : argument_nodes_) program_->argument_devices_.push_back(device_of(n));
  for (int n : auxiliary_nodes_) program_->auxiliary_devices_.push_back(device_of(n));
  for (Entry output : graph().outputs) {
    program_->output_devices_.push_back(device_of(output.node));
  }
}

int ProgramCompiler::arena_on(Device device) {
  std::vector<Arena>& arenas = program_->arenas_;
  const auto found = std::ranges::find(arenas, device, &Arena::device);
  if (found == arenas.end()) arenas.push_back({device, 0});
  return int(std::ranges::find(arenas, device, &Arena::device) - arenas.begin());
}

// A plan for each device's buffers alone, put together.
void ProgramCompiler::plan_arenas(const std::vector<InPlace>& in_place) {
  const std::vector<Buffer>& buffers = program_->buffers_;
  MemoryPlan& whole = program_->plan_;
  whole.offsets.resize(buffers.size());
  whole.previous.resize(buffers.size());
  for (int a = 0; a < int(program_->arenas_.size()); ++a) {
    std::vector<int> of_arena;                    // numbers of its buffers
    std::vector<int> within(buffers.size(), -1);  // and the other way round
    std::vector<Buffer> own;
    for (size_t i = 0; i < buffers.size(); ++i) {
      if (program_->arena_of_[i] != a) continue;
      within[i] = int(own.size());
      of_arena.push_back(int(i));
      own.push_back(buffers[i]);
    }
    std::vector<InPlace> pairs;
    for (const InPlace& pair : in_place) {
      const int heir = within[size_t(pair.buffer)], source = within[size_t(pair.of)];
      if (heir >= 0 && source >= 0) pairs.push_back({heir, source});
    }
    const MemoryPlan plan = treadle::plan_memory(own, pairs);
    for (size_t i = 0; i < own.size(); ++i) {
      const size_t number = size_t(of_arena[i]);
      whole.offsets[number] = plan.offsets[i];
      for (int p : plan.previous[i]) whole.previous[number].push_back(of_arena[size_t(p)]);
    }
    program_->arenas_[size_t(a)].bytes = plan.total_bytes;
    whole.total_bytes += plan.total_bytes;
    whole.unshared_bytes += plan.unshared_bytes;
    whole.lower_bound_bytes += plan.lower_bound_bytes;
  }
}

}  // namespace treadle
