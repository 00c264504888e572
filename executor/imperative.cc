#include "treadle/executor/imperative.h"

#include <algorithm>

#include "treadle/core/text.h"
#include "treadle/device/driver.h"
#include "treadle/device/memory.h"
#include "treadle/executor/autograd.h"
#include "treadle/graph/infer.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/operators/random.h"

namespace treadle {
namespace {

// What the queued task needs; kept alive by it.
struct Task {
  Invoked call;
  Choice choice;
  std::shared_ptr<Memory> scratch;

  void run(Pool& pool, void* scratch_data, Stream* stream) const {
    std::vector<void*> input_data, output_data;
    for (const Array& array : call.inputs) input_data.push_back(array.data());
    for (const Array& array : call.outputs)
      output_data.push_back(array.is_valid() ? array.data() : nullptr);
    choice.kernel->run({.inputs = input_data,
                        .outputs = output_data,
                        .scratch = scratch_data,
                        .pool = &pool,
                        .stream = stream != nullptr ? stream->native() : nullptr,
                        .mode = call.mode,
                        .random = call.random});
  }

  // Scratch memory of an accelerator is taken and given back in stream order.
  void run_on(Stream& stream, Pool& pool) const {
    MemoryPool& memory = memory_pool(stream.device());
    std::vector<Event> after;
    const Block block = memory.allocate(choice.kernel->scratch_bytes(), after);
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

bool may_overwrite(const OpRecord& op, const void* params, size_t input, size_t output) {
  if (!op.may_share) return false;
  return std::ranges::any_of(op.may_share(params), [&](const Share& share) {
    return size_t(share.read.index) == input && size_t(share.written.index) == output;
  });
}

}  // namespace

void launch(const Invoked& call) {
  std::vector<TensorSpec> inputs, outputs;
  std::vector<Request> requests;
  for (const Array& input : call.inputs) inputs.push_back({input.shape(), input.type()});
  const Array* any = call.inputs.empty() ? nullptr : &call.inputs[0];
  for (const Array& output : call.outputs) {
    outputs.push_back(output.is_valid() ? TensorSpec{output.shape(), output.type()} : TensorSpec{});
    requests.push_back(output.is_valid() ? Request::write : Request::null);
    if (!any && output.is_valid()) any = &output;
  }
  const Device device = any ? any->device() : Device();
  auto task = std::make_shared<Task>();
  task->call = call;
  task->choice = choose_kernel(*call.op,
                               {.device = device,
                                .params = call.params.get(),
                                .inputs = inputs,
                                .outputs = outputs,
                                .requests = requests},
                               call.op->name);
  Stream* const stream = stream_of(device, Lane::compute);
  if (const size_t bytes = task->choice.kernel->scratch_bytes(); bytes > 0 && stream == nullptr) {
    task->scratch = std::make_shared<Memory>(device, bytes);
  }
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
  const std::shared_ptr<Engine> engine = any ? any->engine() : Engine::get_default();
  Pool* pool = engine->pool().get();
  const TaskOptions options = {.op = call.op->name, .device = device, .ends_at_issue = true};
  engine->push(
      [task = std::move(task), pool, stream] {
        if (stream != nullptr) return task->run_on(*stream, *pool);
        task->run(*pool, task->scratch ? task->scratch->data() : nullptr, nullptr);
      },
      reads, writes, options);
}

std::vector<Array> invoke(std::string_view op_name, const ParamText& params,
                          std::span<const Array> inputs, const InvokeOptions& options) {
  const OpRecord& op = OpRegistry::instance().get(op_name);
  ParamText text = params;
  if (!op.count_param.empty() && !text.contains(op.count_param)) {
    text[op.count_param] = std::to_string(inputs.size());
  }
  Invoked call;
  call.op = &op;
  call.params = op.schema.parse(text, op.name);
  const Graph graph = single_node_graph(op, call.params, op.name);
  const GraphNode& node = graph.nodes.back();
  if (inputs.size() != node.inputs.size()) {
    std::vector<std::string> names;
    for (Entry input : node.inputs) names.push_back(graph.entry_name(input));
    throw Error(op.name, ": ", inputs.size(), " arrays are given, expected ", names.size(),
                names.empty() ? std::string() : concat(" (", join(names), ")"), ".");
  }
  std::vector<Array> states_last;
  if (has_states_between(op)) {
    states_last.resize(inputs.size());
    const std::vector<OpInput> roles = all_inputs(op, call.params.get());
    for (size_t i = 0; i < roles.size(); ++i) {
      const size_t behind = roles[i].is_state() ? inputs.size() - size_t(node.num_aux) : 0;
      states_last[behind + size_t(roles[i].slot.index)] = inputs[i];
    }
    inputs = states_last;
  }
  std::vector<Shape> shapes;
  std::vector<DType> types;
  for (const Array& input : inputs) {
    if (!input.is_valid())
      throw Error(op.name, ": input ", shapes.size(),
                  " is no array; make it with Array::zeros or another maker first.");
    shapes.push_back(input.shape());
    types.push_back(input.type());
    const Device first = inputs[0].device(), here = input.device();
    if ((first.kind == DeviceKind::gpu || here.kind == DeviceKind::gpu) && first != here) {
      throw Error(op.name, ": input ", shapes.size() - 1, " is on ", here, " and input 0 on ",
                  first, "; copy one to the other's device first.");
    }
  }
  const Device device = inputs.empty() ? options.device : inputs[0].device();
  const Annotations known = infer_node(graph, shapes, types);

  const int num_visible = op.num_visible(call.params.get());
  if (!options.outputs.empty() && int(options.outputs.size()) != num_visible) {
    throw Error(op.name, ": ", options.outputs.size(), " output arrays are given, expected ",
                num_visible, ".");
  }
  std::vector<Array> visible;
  struct CopyBack {
    Array from, to;
  };
  std::vector<CopyBack> copies;
  for (int i = 0; i < node.num_outputs; ++i) {
    const size_t entry = size_t(node.first_entry + i);
    const Shape& shape = known.shapes[entry];
    const DType type = known.types[entry] == DType::unknown ? DType::f32 : known.types[entry];
    if (options.outputs.empty() || i >= num_visible) {
      call.outputs.push_back(Array::empty(shape, type, device));
    } else {
      const Array& given = options.outputs[size_t(i)];
      if (!given.is_valid() || !(given.shape() == shape) || given.type() != type) {
        throw Error(op.name, ": output ", i, " is written to an array of shape ", given.shape(),
                    " and type ", given.type(), ", expected ", shape, " and ", type, ".");
      }
      if ((given.device().kind == DeviceKind::gpu || device.kind == DeviceKind::gpu) &&
          given.device() != device) {
        throw Error(op.name, ": output ", i, " is written to an array on ", given.device(),
                    ", but the operator runs on ", device, ".");
      }
      bool is_safe = true;
      for (size_t k = 0; k < inputs.size(); ++k) {
        const bool overlaps = given.shares_memory_with(inputs[k]);
        const bool is_same = given.begins_where(inputs[k]);
        if (overlaps && !(is_same && may_overwrite(op, call.params.get(), k, size_t(i))))
          is_safe = false;
      }
      call.outputs.push_back(is_safe ? given : Array::empty(shape, type, device));
      if (!is_safe) copies.push_back({call.outputs.back(), given});
    }
    if (i < num_visible) visible.push_back(call.outputs.back());
  }

  call.inputs.assign(inputs.begin(), inputs.end());
  call.num_aux = node.num_aux;
  call.num_visible = num_visible;
  call.mode = options.mode;
  if (op.has_effects) call.random = next_random_key();
  launch(call);
  for (CopyBack& copy : copies) {
    copy.to.copy_from(copy.from);
    std::ranges::replace_if(
        visible, [&](const Array& a) { return a.shares_memory_with(copy.from); }, copy.to);
  }
  if (is_recording()) record(std::move(call), visible);
  return visible;
}

}  // namespace treadle
