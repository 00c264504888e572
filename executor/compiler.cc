#include "treadle/executor/compiler.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "treadle/core/text.h"
#include "treadle/device/memory.h"
#include "treadle/graph/infer.h"
#include "treadle/operators/bound_state.h"

namespace treadle {

std::shared_ptr<const Program> ProgramCompiler::run(const Symbol& symbol) {
  program_->device_ = options_.device;
  infer(symbol);
  dump_pass("inference");
  name_arrays();
  read_requests();
  differentiate();
  dump_pass("gradient");
  simplify();
  dump_pass("simplification");
  recompute();
  dump_pass("recompute");
  place();
  dump_pass("placement");
  locate();
  choose_kernels();
  schedule();
  plan_memory();
  find_uses();
  find_users();
  if (dump_.is_on()) dump_.write("memory-plan", program_->debug_str());
  return program_;
}

void ProgramCompiler::dump_pass(const char* pass) const {
  if (dump_.is_on()) dump_.write(pass, dump(program_->graph_, &program_->annotations_));
}

TensorSpec ProgramCompiler::spec_of(Entry entry) const {
  const size_t id = size_t(program_->graph_.entry_id(entry));
  return {program_->annotations_.shapes[id], program_->annotations_.types[id]};
}

Location& ProgramCompiler::location_of(Entry entry) {
  return locations_[size_t(graph().entry_id(entry))];
}

void ProgramCompiler::infer(const Symbol& symbol) {
  graph() = Graph::from(symbol);
  if (dump_.is_on()) dump_.write("symbol", dump(graph()));
  argument_nodes_ = graph().arguments();
  auxiliary_nodes_ = graph().auxiliaries();
  num_forward_nodes_ = int(graph().nodes.size());
  program_->annotations_.shapes = infer_shapes(graph(), options_.shapes, false);
  std::vector<DType>& types = program_->annotations_.types;
  types = infer_types(graph(), options_.types);
  // Where nothing says otherwise, numbers are 32-bit floats.
  TypeMap known = options_.types;
  for (const GraphNode& node : graph().nodes) {
    if (node.is_variable() && types[size_t(node.first_entry)] == DType::unknown) {
      known[node.source->name] = DType::f32;
    }
  }
  if (known.size() > options_.types.size()) types = infer_types(graph(), known);
}

void ProgramCompiler::name_arrays() {
  std::set<std::string_view> seen;
  const auto collect = [&](const std::vector<int>& nodes, std::vector<std::string>& names,
                           std::vector<TensorSpec>& specs) {
    for (int n : nodes) {
      names.push_back(graph().nodes[size_t(n)].source->name);
      specs.push_back(spec_of({n, 0}));
      if (!seen.insert(graph().nodes[size_t(n)].source->name).second) {
        throw Error("Two variables of the graph are called '", names.back(),
                    "'; give each its own name, or use one variable in both places.");
      }
    }
  };
  collect(argument_nodes_, program_->argument_names_, program_->arguments_);
  collect(auxiliary_nodes_, program_->auxiliary_names_, program_->auxiliaries_);
  for (Entry output : graph().outputs) {
    program_->output_names_.push_back(graph().entry_name(output));
    program_->outputs_.push_back(spec_of(output));
  }
}

void ProgramCompiler::read_requests() {
  for (const auto& [name, request] : options_.requests) {
    if (std::ranges::count(program_->argument_names_, name) > 0) continue;
    throw Error("A gradient request is given for '", name, "', which is no argument.",
                did_you_mean(name, program_->argument_names_), " The arguments are ",
                join(program_->argument_names_), ".");
  }
  for (const std::string& name : program_->argument_names_) {
    const auto it = options_.requests.find(name);
    program_->requests_.push_back(it == options_.requests.end() ? options_.default_request
                                                                : it->second);
  }
}

void ProgramCompiler::differentiate() {
  std::vector<int> wanted;
  for (size_t i = 0; i < argument_nodes_.size(); ++i) {
    if (program_->requests_[i] != Request::null) wanted.push_back(argument_nodes_[i]);
  }
  gradient_of_argument_.assign(argument_nodes_.size(), Entry{});
  head_nodes_.assign(graph().outputs.size(), -1);
  if (!wanted.empty()) {
    GradientGraph made = add_gradients(std::move(graph()), wanted);
    graph() = std::move(made.graph);
    head_nodes_ = std::move(made.head_nodes);
    size_t next = 0;
    for (size_t i = 0; i < argument_nodes_.size(); ++i) {
      if (program_->requests_[i] != Request::null)
        gradient_of_argument_[i] = made.gradients[next++];
    }
    annotate_appended(graph(), num_forward_nodes_, program_->annotations_);
  }
}

void ProgramCompiler::locate() {
  using Kind = Location::Kind;
  locations_.assign(size_t(graph().num_entries), Location{});
  for (size_t i = 0; i < argument_nodes_.size(); ++i)
    location_of({argument_nodes_[i], 0}) = {Kind::argument, int(i)};
  for (size_t i = 0; i < auxiliary_nodes_.size(); ++i)
    location_of({auxiliary_nodes_[i], 0}) = {Kind::auxiliary, int(i)};
  for (size_t i = 0; i < head_nodes_.size(); ++i) {
    if (head_nodes_[i] >= 0) location_of({head_nodes_[i], 0}) = {Kind::buffer, 0};
  }
  for (size_t i = 0; i < gradient_of_argument_.size(); ++i) {
    if (gradient_of_argument_[i].is_valid())
      location_of(gradient_of_argument_[i]) = {Kind::gradient, int(i)};
  }
  // What somebody reads, or the user sees, needs memory; anything else is not computed.
  const auto give_buffer = [&](Entry entry) {
    Location& location = location_of(entry);
    if (location.kind == Kind::none) location = {Kind::buffer, 0};
  };
  for (const GraphNode& node : graph().nodes) {
    for (Entry input : node.inputs) give_buffer(input);
  }
  for (Entry output : graph().outputs) give_buffer(output);
  for (Entry output : graph().outputs) program_->output_locations_.push_back(location_of(output));
}

void ProgramCompiler::choose_kernels() {
  program_->steps_.reserve(graph().nodes.size());
  std::vector<TensorSpec> inputs, outputs;
  for (int n = 0; n < int(graph().nodes.size()); ++n) {
    const GraphNode& node = graph().nodes[size_t(n)];
    if (node.is_variable()) continue;
    if (n < num_forward_nodes_) ++program_->num_forward_steps_;
    Step step;
    step.node = n;
    step.op = node.op->name;
    step.name = node.source->name;
    step.params = node.params;
    step.num_aux = node.num_aux;
    if (node.op->attributes.get<HasBoundState>()) program_->has_bound_state_ = true;
    step.random_part = random_parts_[size_t(n)];
    step.device = devices_[size_t(n)];
    inputs.clear();
    outputs.clear();
    for (Entry input : node.inputs) inputs.push_back(spec_of(input));
    for (int i = 0; i < node.num_outputs; ++i) {
      const Location location = location_of({n, i});
      outputs.push_back(spec_of({n, i}));
      step.requests.push_back(location.kind == Location::Kind::none ? Request::null
                              : location.kind == Location::Kind::gradient
                                  ? program_->requests_[size_t(location.index)]
                                  : Request::write);
    }
    if (!node.inputs.empty()) step.source = devices_[size_t(node.inputs[0].node)];
    step.is_cross_copy = !node.inputs.empty() && step.source != step.device;
    if (step.is_cross_copy) {
      step.choice.implementation = "copy";
      step.copied_bytes = array_bytes(outputs[0].shape.elements(), size_of(outputs[0].type));
      program_->steps_.push_back(std::move(step));
      continue;
    }
    step.choice = choose_kernel(*node.op,
                                {.device = step.device,
                                 .params = node.params.get(),
                                 .inputs = inputs,
                                 .outputs = outputs,
                                 .requests = step.requests},
                                graph().describe(n));
    program_->steps_.push_back(std::move(step));
  }
}

// Lifetimes: one buffer per array that is nobody else's, and per kernel's scratch.
void ProgramCompiler::find_buffers(std::vector<Buffer>& buffers) {
  using Kind = Location::Kind;
  const int end = int(program_->steps_.size());
  const auto add = [&](Entry entry, int time) {
    const TensorSpec spec = spec_of(entry);
    location_of(entry).index = int(buffers.size());
    buffers.push_back(
        {int64_t(array_bytes(spec.shape.elements(), size_of(spec.type))), time, time});
    program_->arena_of_.push_back(arena_on(devices_[size_t(entry.node)]));
  };
  const auto extend = [&](Entry entry, int time) {
    const Location& location = location_of(entry);
    if (location.kind == Kind::buffer) {
      Buffer& buffer = buffers[size_t(location.index)];
      buffer.last = std::max(buffer.last, time);
    }
  };
  // Head gradients are copied in before the first step of backward.
  for (int node : head_nodes_) {
    if (node >= 0) add({node, 0}, program_->num_forward_steps_);
    program_->head_buffers_.push_back(node >= 0 ? location_of({node, 0}).index : -1);
  }
  for (int time = 0; time < end; ++time) {
    Step& step = program_->steps_[size_t(time)];
    const GraphNode& node = graph().nodes[size_t(step.node)];
    for (Entry input : node.inputs) extend(input, time);
    for (int i = 0; i < node.num_outputs; ++i) {
      if (location_of({step.node, i}).kind == Kind::buffer) add({step.node, i}, time);
    }
    const Kernel* const kernel = step.choice.kernel.get();
    if (const size_t bytes = kernel != nullptr ? kernel->scratch_bytes() : 0; bytes > 0) {
      step.scratch = int(buffers.size());
      buffers.push_back({int64_t(bytes), time, time});
      program_->arena_of_.push_back(arena_on(step.device));
    }
  }
  // Outputs are the user's until the next run.
  for (Entry output : graph().outputs) extend(output, end);
}

// Which of its inputs a node may overwrite with which output.
std::vector<std::pair<size_t, size_t>> overwritable(const GraphNode& node) {
  std::vector<std::pair<size_t, size_t>> found;
  if (!node.op->may_share) return found;
  for (const Share& share : node.op->may_share(node.params.get())) {
    size_t read = size_t(share.read.index);
    if (node.op->forward) {
      const std::vector<Slot> slots = node.op->forward->backward_reads(node.params.get());
      const auto it = std::ranges::find(slots, share.read);
      TREADLE_INVARIANT(it != slots.end(), node.op->name,
                        " shares memory of an array it does not read");
      read = size_t(it - slots.begin());
    }
    found.emplace_back(read, size_t(share.written.index));
  }
  return found;
}

// Which outputs may begin in the memory of which inputs.
std::vector<InPlace> ProgramCompiler::find_in_place() const {
  std::vector<InPlace> found;
  for (const Step& step : program_->steps_) {
    if (step.is_cross_copy) continue;
    const auto allowed = overwritable(program_->graph_.nodes[size_t(step.node)]);
    for (const auto& [read, written] : allowed) {
      const Location from = step.inputs.at(read), to = step.outputs.at(written);
      if (from.kind != Location::Kind::buffer || to.kind != Location::Kind::buffer) continue;
      // The array may come in twice: then each of its inputs must be one that may be overwritten.
      bool is_safe = true;
      for (size_t i = 0; i < step.inputs.size(); ++i) {
        const bool is_it = step.inputs[i].kind == from.kind && step.inputs[i].index == from.index;
        if (is_it && std::ranges::count(allowed, std::pair(i, size_t(written))) == 0)
          is_safe = false;
      }
      if (is_safe) found.push_back({to.index, from.index});
    }
  }
  return found;
}

// A second backward would read what forward left: is some of it overwritten by the first?
void ProgramCompiler::check_repeatable() {
  const std::vector<Buffer>& buffers = program_->buffers_;
  const std::vector<int64_t>& offsets = program_->plan_.offsets;
  const int backward = program_->num_forward_steps_;
  // End by begin, per arena; alive together, so apart from each other.
  std::vector<std::map<int64_t, int64_t>> kept(program_->arenas_.size());
  const auto arena_of = [&](size_t i) { return size_t(program_->arena_of_[i]); };
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].bytes > 0 && buffers[i].first < backward && buffers[i].last >= backward) {
      kept[arena_of(i)][offsets[i]] = offsets[i] + buffers[i].bytes;
    }
  }
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (buffers[i].bytes == 0 || buffers[i].first < backward) continue;
    const auto& of_arena = kept[arena_of(i)];
    auto it = of_arena.lower_bound(offsets[i] + buffers[i].bytes);
    if (it != of_arena.begin() && std::prev(it)->second > offsets[i])
      program_->can_repeat_backward_ = false;
  }
}

void ProgramCompiler::plan_memory() {
  std::vector<Buffer>& buffers = program_->buffers_;
  find_buffers(buffers);
  for (size_t i = 0; i < graph().outputs.size(); ++i)
    program_->output_locations_[i] = location_of(graph().outputs[i]);
  for (Step& step : program_->steps_) {
    const GraphNode& node = graph().nodes[size_t(step.node)];
    for (Entry input : node.inputs) step.inputs.push_back(location_of(input));
    for (int i = 0; i < node.num_outputs; ++i) step.outputs.push_back(location_of({step.node, i}));
  }
  std::vector<InPlace> in_place;
  if (options_.reuses_memory) {
    in_place = find_in_place();
  } else {
    for (Buffer& buffer : buffers) buffer.first = 0, buffer.last = int(program_->steps_.size());
  }
  plan_arenas(in_place);
  if (options_.reuses_memory) check_repeatable();
}

}  // namespace treadle
