#include "treadle/executor/state.h"

#include <algorithm>
#include <cstring>

#include "treadle/device/driver.h"
#include "treadle/operators/random.h"

namespace treadle {
namespace {

void add_unique(std::vector<Variable>& list, const Variable& variable) {
  if (std::ranges::count(list, variable) == 0) list.push_back(variable);
}

}  // namespace

void* Executor::State::address(Location location) const {
  const size_t i = size_t(location.index);
  switch (location.kind) {
    case Location::Kind::none: return nullptr;
    case Location::Kind::argument: return arguments[i].data();
    case Location::Kind::auxiliary: return auxiliaries[i].data();
    case Location::Kind::gradient: return gradients[i].data();
    case Location::Kind::buffer:
      return static_cast<char*>(arenas[size_t(program->arena_of()[i])]->data()) +
             program->memory_plan().offsets[i];
  }
  return nullptr;
}

Variable Executor::State::variable(Location location) const {
  const size_t i = size_t(location.index);
  switch (location.kind) {
    case Location::Kind::none: break;
    case Location::Kind::argument: return arguments[i].variable();
    case Location::Kind::auxiliary: return auxiliaries[i].variable();
    case Location::Kind::gradient: return gradients[i].variable();
    case Location::Kind::buffer: return buffers[i];
  }
  return {};
}

Array Executor::State::output_array(Location location, const TensorSpec& spec, Device device) {
  const size_t i = size_t(location.index);
  switch (location.kind) {
    case Location::Kind::argument: return arguments[i];
    case Location::Kind::auxiliary: return auxiliaries[i];
    case Location::Kind::gradient: return gradients[i];
    default: break;
  }
  auto storage = std::make_shared<Storage>();
  storage->data = address(location);
  storage->bytes = size_t(program->buffers()[i].bytes);
  storage->device = device;
  storage->variable = buffers[i];
  storage->engine = engine;
  storage->owner = arenas[size_t(program->arena_of()[i])];
  return Array(std::move(storage), 0, spec.shape, spec.type);
}

void Executor::State::allocate(State* shared) {
  for (const Arena& arena : program->arenas()) {
    const size_t i = arenas.size();
    const bool fits = shared != nullptr && i < shared->arenas.size() &&
                      shared->program->arenas()[i].device == arena.device &&
                      shared->arenas[i]->size() >= size_t(arena.bytes);
    if (!fits) {
      arenas.push_back(std::make_shared<Memory>(arena.device, size_t(arena.bytes)));
      continue;
    }
    arenas.push_back(shared->arenas[i]);
    if (!shared->turns) {
      shared->turns = std::make_shared<Turns>();
      shared->name_buffers();
      shared->turns->set(*shared);
    }
    turns = shared->turns;
  }
  buffers.resize(program->buffers().size());
  name_buffers();
  for (size_t i = 0; i < program->outputs().size(); ++i) {
    outputs.push_back(output_array(program->output_locations()[i], program->outputs()[i],
                                   program->output_devices()[i]));
  }
}

// A variable for each buffer that the engine must know; inside a TaskGraph it does without.
void Executor::State::name_buffers() {
  const bool knows_all = turns || !runs_as_graphs();
  for (size_t i = 0; i < buffers.size(); ++i) {
    if (!buffers[i].valid() && (knows_all || program->users()[i] == Users::several))
      buffers[i] = engine->variable();
  }
}

// Whether writing there leaves a part of the variable's memory as it was.
bool Executor::State::leaves_rest(Location location) const {
  return location.kind == Location::Kind::gradient && !gradients[size_t(location.index)].is_whole();
}

void Executor::State::find_variables(const Step& step, std::vector<Variable>& reads,
                                     std::vector<Variable>& writes) const {
  reads.clear();
  writes.clear();
  for (const Location location : step.reads) reads.push_back(variable(location));
  for (const Location location : step.writes) {
    writes.push_back(variable(location));
    if (leaves_rest(location)) reads.push_back(variable(location));
  }
}

void Executor::State::link() {
  links.reserve(program->steps().size());
  for (const Step& step : program->steps()) {
    Link& link = links.emplace_back();
    link.inputs.reserve(step.inputs.size());
    link.outputs.reserve(step.outputs.size());
    for (const Location location : step.inputs) link.inputs.push_back(address(location));
    for (const Location location : step.outputs) link.outputs.push_back(address(location));
    if (step.scratch >= 0) link.scratch = address({Location::Kind::buffer, step.scratch});
  }
}

void Executor::State::run_step(int index, Mode run_mode, RandomKey key, Stream* stream) const {
  const Step& step = program->steps()[size_t(index)];
  const Link& link = links[size_t(index)];
  if (step.is_cross_copy) {
    return stream->copy({step.device, link.outputs[0]}, {step.source, link.inputs[0]},
                        step.copied_bytes);
  }
  step.choice.kernel->run({.inputs = link.inputs,
                           .outputs = link.outputs,
                           .scratch = link.scratch,
                           .pool = engine->pool().get(),
                           .stream = stream != nullptr ? stream->native() : nullptr,
                           .mode = run_mode,
                           .random = part_of(key, step.random_part)});
}

bool Executor::State::has_turn() const {
  const std::lock_guard lock(turns->mutex);
  return turns->last == this;
}

void Executor::State::take_turn() {
  if (!turns) return;
  const std::lock_guard lock(turns->mutex);
  if (turns->last == this) return;
  std::vector<Variable> writes = std::move(turns->buffers);
  writes.insert(writes.end(), buffers.begin(), buffers.end());
  engine->push([] {}, turns->results, writes, {.op = "shared memory"});
  turns->set(*this);
}

// Every step ends before an output, which is a buffer, or a gradient or a state is complete.
void Executor::State::Turns::set(const State& state) {
  last = &state;
  buffers = state.buffers;
  results.clear();
  for (const Array& gradient : state.gradients) {
    if (gradient.is_valid()) add_unique(results, gradient.variable());
  }
  for (const Array& auxiliary : state.auxiliaries) add_unique(results, auxiliary.variable());
}

void Executor::State::run_forward(Mode run_mode, const std::shared_ptr<State>& self) {
  mode = run_mode;
  random = next_random_key();
  take_turn();
  has_run_forward = true;
  has_run_backward = false;
  push(0, program->num_forward_steps(), self);
}

// Queues the copy of a head gradient to its place in the arena.
void Executor::State::push_head(size_t output, const Array& head,
                                const std::shared_ptr<State>& self) {
  const int buffer = program->head_buffers()[output];
  const Variable reads[] = {head.variable()};
  std::vector<Variable> writes = {buffers[size_t(buffer)]};
  for (const int holder : program->memory_plan().previous[size_t(buffer)])
    writes.push_back(buffers[size_t(holder)]);
  void* const target = address({Location::Kind::buffer, buffer});
  const Device device = program->output_devices()[output];
  Stream* const stream = stream_of(device, Lane::compute);
  engine->push(
      [self, head, target, stream, device] {
        if (stream == nullptr) {
          std::memcpy(target, head.data(), head.bytes());
        } else {
          stream->copy({device, target}, {device, head.data()}, head.bytes());
        }
      },
      reads, writes,
      {.op = "head gradient", .node = program->output_names()[output], .device = device});
}

// Queues the forward or the backward steps.
void Executor::State::push(int begin, int end, const std::shared_ptr<State>& self) {
  TaskGraph& graph = end <= program->num_forward_steps() ? forward_graph : backward_graph;
  if (graph.valid() && !turns) {
    run_graph(graph, self);
  } else {
    push_steps(begin, end, self);
  }
}

void Executor::State::push_steps(int begin, int end, const std::shared_ptr<State>& self) {
  std::vector<Variable> reads, writes;
  for (int i = begin; i < end; ++i) {
    const Step& step = program->steps()[size_t(i)];
    find_variables(step, reads, writes);
    // Between accelerators the one that receives copies.
    const bool gives = step.is_cross_copy && step.device.kind != DeviceKind::gpu;
    const Device device = gives ? step.source : step.device;
    const Lane lane = !step.is_cross_copy ? Lane::compute : gives ? Lane::copy_out : Lane::copy_in;
    Stream* const stream = stream_of(device, lane);
    engine->push([self, i, run_mode = mode, key = random,
                  stream] { self->run_step(i, run_mode, key, stream); },
                 reads, writes, {.op = step.op, .node = step.name, .device = device, .lane = lane});
  }
}

}  // namespace treadle
