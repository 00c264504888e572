#include "treadle/executor/executor.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "treadle/core/text.h"
#include "treadle/device/memory.h"
#include "treadle/operators/random.h"

namespace treadle {

// The arrays and variables of one run. Queued tasks keep it alive.
struct Executor::State {
  // What a step needs at run time, looked up once.
  struct Link {
    std::vector<void*> inputs, outputs;
    void* scratch = nullptr;
    std::vector<Variable> reads, writes;
  };

  std::shared_ptr<const Program> program;
  std::shared_ptr<Engine> engine;
  std::vector<Array> arguments, gradients, auxiliaries, outputs;
  std::shared_ptr<Memory> arena;
  std::vector<Variable> buffers;
  std::vector<Link> links;

  bool has_run_forward = false;
  bool has_run_backward = false;  // since the last forward
  Mode mode = Mode::infer;
  RandomKey random;
  std::atomic<bool> is_in_call = false;

  void allocate();
  void link();
  void run_forward(Mode run_mode, const std::shared_ptr<State>& self);
  void take_over(int buffer, std::vector<Variable>& writes) const;
  void push_head(size_t output, const Array& head, const std::shared_ptr<State>& self);
  void push(int begin, int end, const std::shared_ptr<State>& self);
  void run_step(int index, Mode run_mode, RandomKey key) const;
  Array output_array(Location location, const TensorSpec& spec);

  void* address(Location location) const;
  Variable variable(Location location) const;
};

namespace {

// Holds off a second thread: two runs at once on the same arrays would mix their results.
class OneCaller {
 public:
  explicit OneCaller(std::atomic<bool>& flag) : flag_(flag) {
    if (flag_.exchange(true, std::memory_order_acquire)) {
      throw Error("Two threads use one executor at the same time. Give each thread its own: bind the "
                  "symbol again with the same parameter arrays, which costs no copy.");
    }
  }
  ~OneCaller() { flag_.store(false, std::memory_order_release); }
  OneCaller(const OneCaller&) = delete;
  OneCaller& operator=(const OneCaller&) = delete;

 private:
  std::atomic<bool>& flag_;
};

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
    case Location::Kind::buffer: return static_cast<char*>(arena->data()) + program->memory_plan().offsets[i];
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

Array Executor::State::output_array(Location location, const TensorSpec& spec) {
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
  storage->device = program->device();
  storage->variable = buffers[i];
  storage->engine = engine;
  storage->owner = arena;
  return Array(std::move(storage), 0, spec.shape, spec.type);
}

void Executor::State::allocate() {
  arena = std::make_shared<Memory>(program->device(), size_t(program->memory_plan().total_bytes));
  for (size_t i = 0; i < program->buffers().size(); ++i) buffers.push_back(engine->variable());
  for (size_t i = 0; i < program->outputs().size(); ++i) {
    outputs.push_back(output_array(program->output_locations()[i], program->outputs()[i]));
  }
}

// What a task declares that writes a buffer: its memory is reused when those who read its last
// contents have ended.
void Executor::State::take_over(int buffer, std::vector<Variable>& writes) const {
  add_unique(writes, buffers[size_t(buffer)]);
  for (int holder : program->memory_plan().previous[size_t(buffer)]) add_unique(writes, buffers[size_t(holder)]);
}

void Executor::State::link() {
  for (const Step& step : program->steps()) {
    Link& link = links.emplace_back();
    for (size_t i = 0; i < step.inputs.size(); ++i) {
      link.inputs.push_back(address(step.inputs[i]));
      add_unique(link.reads, variable(step.inputs[i]));
      const bool is_state = int(i) >= int(step.inputs.size()) - step.num_aux;
      if (is_state) add_unique(link.writes, variable(step.inputs[i]));
    }
    for (size_t i = 0; i < step.outputs.size(); ++i) {
      const Location location = step.outputs[i];
      link.outputs.push_back(address(location));
      if (location.kind == Location::Kind::none) continue;
      if (location.kind == Location::Kind::buffer) {
        take_over(location.index, link.writes);
      } else {
        add_unique(link.writes, variable(location));
        // A view leaves the rest of its variable's memory as it was.
        const bool keeps_rest = location.kind == Location::Kind::gradient && !gradients[size_t(location.index)].is_whole();
        if (keeps_rest || step.requests[i] == Request::add) add_unique(link.reads, variable(location));
      }
    }
    if (step.scratch >= 0) {
      take_over(step.scratch, link.writes);
      link.scratch = address({Location::Kind::buffer, step.scratch});
    }
  }
}

void Executor::State::run_step(int index, Mode run_mode, RandomKey key) const {
  const Step& step = program->steps()[size_t(index)];
  const Link& link = links[size_t(index)];
  step.choice.kernel->run({.inputs = link.inputs,
                           .outputs = link.outputs,
                           .scratch = link.scratch,
                           .pool = engine->pool().get(),
                           .mode = run_mode,
                           .random = part_of(key, step.random_part)});
}

void Executor::State::run_forward(Mode run_mode, const std::shared_ptr<State>& self) {
  mode = run_mode;
  random = next_random_key();
  has_run_forward = true;
  has_run_backward = false;
  push(0, program->num_forward_steps(), self);
}

// Queues the copy of a head gradient to its place in the arena.
void Executor::State::push_head(size_t output, const Array& head, const std::shared_ptr<State>& self) {
  const int buffer = program->head_buffers()[output];
  const Variable reads[] = {head.variable()};
  std::vector<Variable> writes;
  take_over(buffer, writes);
  void* const target = address({Location::Kind::buffer, buffer});
  engine->push([self, head, target] { std::memcpy(target, head.data(), head.bytes()); }, reads, writes,
               {.op = "head gradient", .node = program->output_names()[output], .device = program->device()});
}

void Executor::State::push(int begin, int end, const std::shared_ptr<State>& self) {
  for (int i = begin; i < end; ++i) {
    const Step& step = program->steps()[size_t(i)];
    const Link& link = links[size_t(i)];
    engine->push([self, i, run_mode = mode, key = random] { self->run_step(i, run_mode, key); },
                 link.reads, link.writes,
                 {.op = step.op, .node = step.name, .device = program->device()});
  }
}

namespace {

// What is bound to `name` must be an array of this kind; says what is wrong in terms of the caller.
void check_array(const char* what, const std::string& name, const Array& array, const TensorSpec& spec,
                 Device device) {
  if (!(array.shape() == spec.shape)) {
    throw Error("The ", what, " '", name, "' has shape ", array.shape(), ", expected ", spec.shape,
                " as inferred from the other arguments.");
  }
  if (array.type() != spec.type) {
    throw Error("The ", what, " '", name, "' has type ", array.type(), ", expected ", spec.type,
                "; convert it with as_type.");
  }
  if (array.device().kind != device.kind || (device.kind == DeviceKind::gpu && array.device() != device)) {
    throw Error("The ", what, " '", name, "' is on ", array.device(), "; the executor is bound on ",
                device, ". Copy it there first.");
  }
}

void check_names(const char* what, const ArrayMap& given, const std::vector<std::string>& names) {
  for (const auto& [name, array] : given) {
    if (std::ranges::count(names, name) > 0) continue;
    throw Error("An array is given for the ", what, " '", name, "', which the symbol does not have.",
                did_you_mean(name, names), names.empty() ? std::string(" It has none.")
                                                         : concat(" It has ", join(names), "."));
  }
}

const Array& require_array(const char* what, const ArrayMap& given, const std::string& name) {
  const auto it = given.find(name);
  if (it == given.end() || !it->second.is_valid()) {
    throw Error("No array is given for the ", what, " '", name, "'; bind needs one for each.");
  }
  if (it->second.elements() == 0) {
    throw Error("The ", what, " '", name, "' is an empty array of shape ", it->second.shape(),
                "; a graph cannot be bound to an array without elements.");
  }
  return it->second;
}

Array find_array(const char* what, std::string_view name, const std::vector<std::string>& names,
                 const std::vector<Array>& arrays) {
  const auto it = std::ranges::find(names, name);
  if (it == names.end()) {
    throw Error("The executor has no ", what, " '", name, "'.", did_you_mean(name, names),
                names.empty() ? std::string() : concat(" It has ", join(names), "."));
  }
  return arrays[size_t(it - names.begin())];
}

}  // namespace

Executor Executor::bind(const Symbol& symbol, Device device, const Bindings& bindings) {
  const std::vector<std::string> argument_names = symbol.list_arguments();
  const std::vector<std::string> auxiliary_names = symbol.list_auxiliary_states();
  check_names("argument", bindings.arguments, argument_names);
  check_names("gradient", bindings.gradients, argument_names);
  check_names("auxiliary state", bindings.auxiliaries, auxiliary_names);

  ProgramOptions options;
  options.device = device;
  for (const auto& [name, request] : bindings.requests) options.requests[name] = request;
  for (const std::string& name : argument_names) {
    const Array& array = require_array("argument", bindings.arguments, name);
    options.shapes[name] = array.shape();
    options.types[name] = array.type();
    const auto gradient = bindings.gradients.find(name);
    const bool has_gradient = gradient != bindings.gradients.end() && gradient->second.is_valid();
    const auto request = options.requests.try_emplace(name, bindings.default_request).first;
    // MXNet's rule: without an array for it a gradient is not computed.
    if (!has_gradient) request->second = Request::null;
  }
  for (const std::string& name : auxiliary_names) {
    const Array& array = require_array("auxiliary state", bindings.auxiliaries, name);
    options.shapes[name] = array.shape();
    options.types[name] = array.type();
  }

  auto state = std::make_shared<State>();
  state->program = Program::compile(symbol, options);
  const Program& program = *state->program;
  for (size_t i = 0; i < argument_names.size(); ++i) {
    const std::string& name = argument_names[i];
    state->arguments.push_back(bindings.arguments.find(name)->second);
    check_array("argument", name, state->arguments.back(), program.arguments()[i], device);
    Array& gradient = state->gradients.emplace_back();
    if (program.requests()[i] == Request::null) continue;
    gradient = bindings.gradients.find(name)->second;
    check_array("gradient of", name, gradient, program.arguments()[i], device);
  }
  for (size_t i = 0; i < auxiliary_names.size(); ++i) {
    state->auxiliaries.push_back(bindings.auxiliaries.find(auxiliary_names[i])->second);
    check_array("auxiliary state", auxiliary_names[i], state->auxiliaries.back(), program.auxiliaries()[i], device);
  }
  state->engine = state->arguments.empty() ? Engine::get_default() : state->arguments[0].engine();
  state->allocate();
  state->link();
  return Executor(std::move(state));
}

Executor Executor::simple_bind(const Symbol& symbol, Device device, const ShapeMap& shapes,
                               const BindOptions& bind_options) {
  ProgramOptions options;
  options.device = device;
  options.shapes = shapes;
  options.types = bind_options.types;
  options.requests = bind_options.requests;
  options.default_request = bind_options.default_request;
  options.reuses_memory = bind_options.reuses_memory;
  auto state = std::make_shared<State>();
  state->program = Program::compile(symbol, options);
  const Program& program = *state->program;
  for (size_t i = 0; i < program.arguments().size(); ++i) {
    const TensorSpec& spec = program.arguments()[i];
    state->arguments.push_back(Array::zeros(spec.shape, spec.type, device));
    Array& gradient = state->gradients.emplace_back();
    if (program.requests()[i] != Request::null) gradient = Array::zeros(spec.shape, spec.type, device);
  }
  for (const TensorSpec& spec : program.auxiliaries()) {
    state->auxiliaries.push_back(Array::zeros(spec.shape, spec.type, device));
  }
  state->engine = Engine::get_default();
  state->allocate();
  state->link();
  return Executor(std::move(state));
}

void Executor::forward(Mode mode) {
  const OneCaller only(state_->is_in_call);
  state_->run_forward(mode, state_);
}

void Executor::forward(Mode mode, const ArrayMap& inputs) {
  const OneCaller only(state_->is_in_call);
  for (const auto& [name, array] : inputs) argument(name).copy_from(array);
  state_->run_forward(mode, state_);
}

void Executor::backward(std::span<const Array> heads) {
  const OneCaller only(state_->is_in_call);
  const Program& program = *state_->program;
  if (!program.has_gradients()) {
    throw Error("backward is called, but every gradient request was 'null' when the symbol was bound; "
                "bind it with gradient arrays or requests.");
  }
  if (!state_->has_run_forward) throw Error("backward is called before forward; run forward first.");
  if (state_->has_run_backward && !program.can_repeat_backward()) {
    throw Error("backward is called twice after one forward, but the first call has reused the memory of arrays that "
                "the second would read. Run forward again in between, or bind without reuse of memory.");
  }
  if (heads.size() > program.outputs().size()) {
    throw Error(heads.size(), " head gradients are given; the symbol has ", program.outputs().size(), " outputs.");
  }
  for (size_t i = 0; i < program.outputs().size(); ++i) {
    if (program.head_buffers()[i] < 0) continue;
    if (i >= heads.size() || !heads[i].is_valid()) {
      throw Error("backward needs the gradient of output ", i, ", '", program.output_names()[i],
                  "', which is no loss. Pass it as head gradient, or end the graph in a loss such as MakeLoss.");
    }
    check_array("head gradient of", program.output_names()[i], heads[i], program.outputs()[i], program.device());
  }
  for (size_t i = 0; i < program.outputs().size(); ++i) {
    if (program.head_buffers()[i] >= 0) state_->push_head(i, heads[i], state_);
  }
  state_->has_run_backward = true;
  state_->push(program.num_forward_steps(), int(program.steps().size()), state_);
}

const std::vector<Array>& Executor::outputs() const { return state_->outputs; }
const std::vector<Array>& Executor::arguments() const { return state_->arguments; }
const std::vector<Array>& Executor::gradients() const { return state_->gradients; }
const std::vector<Array>& Executor::auxiliaries() const { return state_->auxiliaries; }
const std::shared_ptr<const Program>& Executor::program() const { return state_->program; }
size_t Executor::allocated_bytes() const { return state_->arena->size(); }

Array Executor::argument(std::string_view name) const {
  return find_array("argument", name, state_->program->argument_names(), state_->arguments);
}
Array Executor::gradient(std::string_view name) const {
  Array found = find_array("gradient", name, state_->program->argument_names(), state_->gradients);
  if (!found.is_valid()) throw Error("No gradient of '", name, "' was requested when the symbol was bound.");
  return found;
}
Array Executor::auxiliary(std::string_view name) const {
  return find_array("auxiliary state", name, state_->program->auxiliary_names(), state_->auxiliaries);
}
Array Executor::output(std::string_view name) const {
  return find_array("output", name, state_->program->output_names(), state_->outputs);
}

}  // namespace treadle
