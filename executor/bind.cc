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

namespace {

// Throws Error, in terms of the symbol, for arrays that do not fit it.
void check_bindings(const Symbol& symbol, const Bindings& bindings) {
  const std::vector<std::string> argument_names = symbol.list_arguments();
  const std::vector<std::string> auxiliary_names = symbol.list_auxiliary_states();
  check_names("argument", bindings.arguments, argument_names);
  check_names("gradient", bindings.gradients, argument_names);
  check_names("auxiliary state", bindings.auxiliaries, auxiliary_names);
  for (const std::string& name : argument_names)
    require_array("argument", bindings.arguments, name);
  for (const std::string& name : auxiliary_names)
    require_array("auxiliary state", bindings.auxiliaries, name);
}

// Whether there is an array for each name of the program, and for no other.
bool has_same_names(const Program& program, const Bindings& bindings) {
  const auto are_all = [](const std::vector<std::string>& names, const ArrayMap& given) {
    return names.size() == given.size() &&
           std::ranges::all_of(names, [&](const std::string& n) { return given.contains(n); });
  };
  return are_all(program.argument_names(), bindings.arguments) &&
         are_all(program.auxiliary_names(), bindings.auxiliaries) &&
         std::ranges::all_of(bindings.gradients, [&](const auto& gradient) {
           return bindings.arguments.contains(gradient.first);
         });
}

ProgramOptions options_of(Device device, const Bindings& bindings) {
  ProgramOptions options;
  options.device = device;
  options.groups = bindings.groups;
  options.reuses_memory = bindings.reuses_memory;
  options.memory_budget = bindings.memory_budget;
  options.requests = bindings.requests;
  for (const ArrayMap* arrays : {&bindings.arguments, &bindings.auxiliaries}) {
    for (const auto& [name, array] : *arrays) {
      if (!array.is_valid()) continue;  // which is said where the names are checked
      options.shapes[name] = array.shape();
      options.types[name] = array.type();
      if (!options.groups.empty()) options.variables[name] = array.device();
    }
  }
  for (const auto& [name, array] : bindings.arguments) {
    const auto gradient = bindings.gradients.find(name);
    const bool has_gradient = gradient != bindings.gradients.end() && gradient->second.is_valid();
    const auto request = options.requests.try_emplace(name, bindings.default_request).first;
    // MXNet's rule: without an array for it a gradient is not computed.
    if (!has_gradient) request->second = Request::null;
  }
  return options;
}

}  // namespace

Executor Executor::bind(const Symbol& symbol, Device device, const Bindings& bindings) {
  const ProgramOptions options = options_of(device, bindings);
  auto state = std::make_shared<State>();
  state->program = Program::find(symbol, options);
  if (!state->program || !has_same_names(*state->program, bindings)) {
    check_bindings(symbol, bindings);
    state->program = Program::get(symbol, options);
  }
  const Program& program = *state->program;
  for (size_t i = 0; i < program.arguments().size(); ++i) {
    const std::string& name = program.argument_names()[i];
    state->arguments.push_back(require_array("argument", bindings.arguments, name));
    check_array("argument", name, state->arguments.back(), program.arguments()[i],
                program.argument_devices()[i]);
    Array& gradient = state->gradients.emplace_back();
    if (program.requests()[i] == Request::null) continue;
    gradient = bindings.gradients.find(name)->second;
    check_array("gradient of", name, gradient, program.arguments()[i],
                program.argument_devices()[i]);
  }
  for (size_t i = 0; i < program.auxiliaries().size(); ++i) {
    const std::string& name = program.auxiliary_names()[i];
    state->auxiliaries.push_back(require_array("auxiliary state", bindings.auxiliaries, name));
    check_array("auxiliary state", name, state->auxiliaries.back(), program.auxiliaries()[i],
                program.auxiliary_devices()[i]);
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
  state->program = Program::get(symbol, options);
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
