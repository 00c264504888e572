// Binding: checks what the caller gives, compiles, and makes the run state.
#include <algorithm>

#include "treadle/core/text.h"
#include "treadle/executor/state.h"

namespace treadle {
namespace {

void check_names(const char* what, const ArrayMap& given, const std::vector<std::string>& names) {
  for (const auto& [name, array] : given) {
    if (std::ranges::count(names, name) > 0) continue;
    throw Error(
        "An array is given for the ", what, " '", name, "', which the symbol does not have.",
        did_you_mean(name, names),
        names.empty() ? std::string(" It has none.") : concat(" It has ", join(names), "."));
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

}  // namespace

void check_array(const char* what, const std::string& name, const Array& array,
                 const TensorSpec& spec, Device device) {
  if (!(array.shape() == spec.shape)) {
    throw Error("The ", what, " '", name, "' has shape ", array.shape(), ", expected ", spec.shape,
                " as inferred from the other arguments.");
  }
  if (array.type() != spec.type) {
    throw Error("The ", what, " '", name, "' has type ", array.type(), ", expected ", spec.type,
                "; convert it with as_type.");
  }
  if (array.device().kind != device.kind ||
      (device.kind == DeviceKind::gpu && array.device() != device)) {
    throw Error("The ", what, " '", name, "' is on ", array.device(), "; the executor is bound on ",
                device, ". Copy it there first.");
  }
}

Executor Executor::bind(const Symbol& symbol, Device device, const Bindings& bindings) {
  const std::vector<std::string> argument_names = symbol.list_arguments();
  const std::vector<std::string> auxiliary_names = symbol.list_auxiliary_states();
  check_names("argument", bindings.arguments, argument_names);
  check_names("gradient", bindings.gradients, argument_names);
  check_names("auxiliary state", bindings.auxiliaries, auxiliary_names);

  ProgramOptions options;
  options.device = device;
  options.groups = bindings.groups;
  options.reuses_memory = bindings.reuses_memory;
  options.memory_budget = bindings.memory_budget;
  for (const auto& [name, request] : bindings.requests) options.requests[name] = request;
  for (const std::string& name : argument_names) {
    const Array& array = require_array("argument", bindings.arguments, name);
    options.shapes[name] = array.shape();
    options.types[name] = array.type();
    if (!options.groups.empty()) options.variables[name] = array.device();
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
    if (!options.groups.empty()) options.variables[name] = array.device();
  }

  auto state = std::make_shared<State>();
  state->program = Program::compile(symbol, options);
  const Program& program = *state->program;
  for (size_t i = 0; i < argument_names.size(); ++i) {
    const std::string& name = argument_names[i];
    state->arguments.push_back(bindings.arguments.find(name)->second);
    check_array("argument", name, state->arguments.back(), program.arguments()[i],
                program.argument_devices()[i]);
    Array& gradient = state->gradients.emplace_back();
    if (program.requests()[i] == Request::null) continue;
    gradient = bindings.gradients.find(name)->second;
    check_array("gradient of", name, gradient, program.arguments()[i],
                program.argument_devices()[i]);
  }
  for (size_t i = 0; i < auxiliary_names.size(); ++i) {
    state->auxiliaries.push_back(bindings.auxiliaries.find(auxiliary_names[i])->second);
    check_array("auxiliary state", auxiliary_names[i], state->auxiliaries.back(),
                program.auxiliaries()[i], program.auxiliary_devices()[i]);
  }
  state->engine = state->arguments.empty() ? Engine::get_default() : state->arguments[0].engine();
  state->allocate(bindings.shares_memory_of ? bindings.shares_memory_of->state_.get() : nullptr);
  state->link();
  state->compile_graphs();
  return Executor(std::move(state));
}

Executor Executor::simple_bind(const Symbol& symbol, Device device, const ShapeMap& shapes,
                               const BindOptions& bind_options) {
  ProgramOptions options;
  options.device = device;
  options.shapes = shapes;
  options.groups = bind_options.groups;
  options.types = bind_options.types;
  options.requests = bind_options.requests;
  options.default_request = bind_options.default_request;
  options.reuses_memory = bind_options.reuses_memory;
  options.memory_budget = bind_options.memory_budget;
  auto state = std::make_shared<State>();
  state->program = Program::compile(symbol, options);
  const Program& program = *state->program;
  for (size_t i = 0; i < program.arguments().size(); ++i) {
    const TensorSpec& spec = program.arguments()[i];
    const Device place = program.argument_devices()[i];
    state->arguments.push_back(Array::zeros(spec.shape, spec.type, place));
    Array& gradient = state->gradients.emplace_back();
    if (program.requests()[i] != Request::null)
      gradient = Array::zeros(spec.shape, spec.type, place);
  }
  for (size_t i = 0; i < program.auxiliaries().size(); ++i) {
    const TensorSpec& spec = program.auxiliaries()[i];
    state->auxiliaries.push_back(
        Array::zeros(spec.shape, spec.type, program.auxiliary_devices()[i]));
  }
  state->engine = Engine::get_default();
  const Executor* shared = bind_options.shares_memory_of;
  state->allocate(shared ? shared->state_.get() : nullptr);
  state->link();
  state->compile_graphs();
  return Executor(std::move(state));
}

}  // namespace treadle
