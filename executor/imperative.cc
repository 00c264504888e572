#include "treadle/executor/imperative.h"

#include <algorithm>

#include "treadle/device/driver.h"
#include "treadle/device/memory.h"
#include "treadle/executor/autograd.h"
#include "treadle/executor/call_plan.h"
#include "treadle/operators/random.h"

namespace treadle {
namespace {

// What the queued task needs; kept alive by it.
struct Task {
  std::shared_ptr<const Kernel> kernel;
  std::vector<Array> inputs, outputs;
  Mode mode = Mode::infer;
  RandomKey random = {};
  std::string label;  // for traces and errors; empty: the operator's name says enough

  void run(Pool& pool, void* scratch, Stream* stream) const {
    std::vector<void*> input_data, output_data;
    for (const Array& array : inputs) input_data.push_back(array.data());
    for (const Array& array : outputs)
      output_data.push_back(array.is_valid() ? array.data() : nullptr);
    kernel->run({.inputs = input_data,
                 .outputs = output_data,
                 .scratch = scratch,
                 .pool = &pool,
                 .stream = stream != nullptr ? stream->native() : nullptr,
                 .mode = mode,
                 .random = random});
  }

  void run_on_host(Pool& pool) const {
    const Memory scratch(cpu(), kernel->scratch_bytes());
    run(pool, scratch.data(), nullptr);
  }

  // Scratch memory of an accelerator is taken and given back in stream order.
  void run_on(Stream& stream, Pool& pool) const {
    MemoryPool& memory = memory_pool(stream.device());
    std::vector<Event> after;
    const Block block = memory.allocate(kernel->scratch_bytes(), after);
    for (const Event& event : after) stream.wait(event);
    try {
      run(pool, block.data, &stream);
    } catch (...) {
      memory.free(block, {stream.record()});
      throw;
    }
    memory.free(block, {stream.record()});
  }
};

// Queues `kernel` on the arrays of `call`.
void queue(const Invoked& call, std::shared_ptr<const Kernel> kernel, Device device,
           const std::shared_ptr<Engine>& engine, std::string_view caller = {}) {
  std::vector<Variable> reads, writes;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    reads.push_back(call.inputs[i].variable());
    if (int(i) >= int(call.inputs.size()) - call.num_aux) {
      writes.push_back(call.inputs[i].variable());
    }
  }
  for (const Array& output : call.outputs) {
    if (!output.is_valid()) continue;
    writes.push_back(output.variable());
    if (!output.is_whole()) reads.push_back(output.variable());
  }
  auto task = std::make_shared<const Task>(
      Task{std::move(kernel), call.inputs, call.outputs, call.mode, call.random,
           caller.empty() ? std::string() : concat(caller, "::", call.op->name)});
  Stream* const stream = stream_of(device, Lane::compute);
  Pool* const pool = engine->pool().get();
  const TaskOptions options = {
      .op = call.op->name, .node = task->label, .device = device, .ends_at_issue = true};
  engine->push(
      [task = std::move(task), pool, stream] {
        stream != nullptr ? task->run_on(*stream, *pool) : task->run_on_host(*pool);
      },
      reads, writes, options);
}

// The array that says where a call runs; null when it has none.
const Array* any_array(const Invoked& call) {
  if (!call.inputs.empty()) return &call.inputs[0];
  const auto output = std::ranges::find_if(call.outputs, &Array::is_valid);
  return output == call.outputs.end() ? nullptr : &*output;
}

std::shared_ptr<Engine> engine_of(const Array* any) {
  return any != nullptr ? any->engine() : Engine::get_default();
}

// Shapes and types of the inputs, which must be arrays of one device.
std::vector<TensorSpec> specs_of(const OpRecord& op, std::span<const Array> inputs) {
  std::vector<TensorSpec> specs;
  for (const Array& input : inputs) {
    if (!input.is_valid())
      throw Error(op.name, ": input ", specs.size(),
                  " is no array; make it with Array::zeros or another maker first.");
    specs.push_back({input.shape(), input.type()});
    const Device first = inputs[0].device(), here = input.device();
    if ((first.kind == DeviceKind::gpu || here.kind == DeviceKind::gpu) && first != here) {
      throw Error(op.name, ": input ", specs.size() - 1, " is on ", here, " and input 0 on ", first,
                  "; copy one to the other's device first.");
    }
  }
  return specs;
}

void check_given(const OpRecord& op, int index, const Array& given, const TensorSpec& made,
                 Device device) {
  if (!given.is_valid() || !(given.shape() == made.shape) || given.type() != made.type) {
    throw Error(op.name, ": output ", index, " is written to an array of shape ", given.shape(),
                " and type ", given.type(), ", expected ", made.shape, " and ", made.type, ".");
  }
  if ((given.device().kind == DeviceKind::gpu || device.kind == DeviceKind::gpu) &&
      given.device() != device) {
    throw Error(op.name, ": output ", index, " is written to an array on ", given.device(),
                ", but the operator runs on ", device, ".");
  }
}

// Whether output `index` may be written to `given` while the inputs are read.
bool is_safe(const CallPlan& plan, std::span<const Array> inputs, const Array& given, int index) {
  for (size_t k = 0; k < inputs.size(); ++k) {
    if (!given.shares_memory_with(inputs[k])) continue;
    const bool may_overwrite = std::ranges::any_of(plan.shares, [&](const Share& share) {
      return size_t(share.read.index) == k && int(share.written.index) == index;
    });
    if (!may_overwrite || !given.begins_where(inputs[k])) return false;
  }
  return true;
}

}  // namespace

void launch(const Invoked& call) {
  std::vector<TensorSpec> inputs, outputs;
  std::vector<Request> requests;
  for (const Array& input : call.inputs) inputs.push_back({input.shape(), input.type()});
  for (const Array& output : call.outputs) {
    outputs.push_back(output.is_valid() ? TensorSpec{output.shape(), output.type()} : TensorSpec{});
    requests.push_back(output.is_valid() ? Request::write : Request::null);
  }
  const Array* const any = any_array(call);
  const Device device = any != nullptr ? any->device() : Device();
  queue(call, kernel_for(*call.op, call.params, device, inputs, outputs, requests), device,
        engine_of(any));
}

std::vector<Array> invoke(std::string_view op_name, const ParamText& params,
                          std::span<const Array> inputs, const InvokeOptions& options) {
  const OpRecord& op = OpRegistry::instance().get(op_name);
  const std::vector<TensorSpec> specs = specs_of(op, inputs);
  const Device device = inputs.empty() ? options.device : inputs[0].device();
  const bool counts = !op.count_param.empty() && !params.contains(op.count_param);
  ParamText counted;
  if (counts) {
    counted = params;
    counted[op.count_param] = std::to_string(inputs.size());
  }
  const std::shared_ptr<const CallPlan> plan =
      plan_call(op, counts ? counted : params, specs, device);

  if (!options.outputs.empty() && int(options.outputs.size()) != plan->num_visible) {
    throw Error(op.name, ": ", options.outputs.size(), " output arrays are given, expected ",
                plan->num_visible, ".");
  }
  Invoked call;
  call.op = &op;
  call.params = plan->params;
  for (size_t i : plan->order) call.inputs.push_back(inputs[i]);
  call.num_aux = plan->num_aux;
  call.num_visible = plan->num_visible;
  call.mode = options.mode;
  std::vector<Array> visible;
  struct CopyBack {
    Array from, to;
  };
  std::vector<CopyBack> copies;
  for (int i = 0; i < int(plan->outputs.size()); ++i) {
    const TensorSpec& made = plan->outputs[size_t(i)];
    if (options.outputs.empty() || i >= plan->num_visible) {
      call.outputs.push_back(Array::delayed(made.shape, made.type, device));
    } else {
      const Array& given = options.outputs[size_t(i)];
      check_given(op, i, given, made, device);
      const bool writes_it = is_safe(*plan, call.inputs, given, i);
      call.outputs.push_back(writes_it ? given : Array::delayed(made.shape, made.type, device));
      if (!writes_it) copies.push_back({call.outputs.back(), given});
    }
    if (i < plan->num_visible) visible.push_back(call.outputs.back());
  }

  if (op.has_effects) call.random = next_random_key();
  const Array* const any = any_array(call);
  queue(call, plan->kernel, device, engine_of(any), options.caller);
  for (CopyBack& copy : copies) {
    copy.to.copy_from(copy.from);
    std::ranges::replace_if(
        visible, [&](const Array& a) { return a.shares_memory_with(copy.from); }, copy.to);
  }
  if (is_recording()) record(std::move(call), visible);
  return visible;
}

}  // namespace treadle
