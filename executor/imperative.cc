#include "treadle/executor/imperative.h"

#include <algorithm>

#include "treadle/core/text.h"
#include "treadle/device/driver.h"
#include "treadle/device/memory.h"
#include "treadle/graph/infer.h"
#include "treadle/operators/random.h"

namespace treadle {
namespace {

// What the queued task needs; kept alive by it.
struct Invocation {
  std::shared_ptr<const void> params;
  Choice choice;
  std::vector<Array> inputs, outputs;
  std::shared_ptr<Memory> scratch;
  Mode mode = Mode::infer;
  RandomKey random;
  std::string name;

  void run(Pool& pool, void* scratch_data, Stream* stream) const {
    std::vector<void*> input_data, output_data;
    for (const Array& array : inputs) input_data.push_back(array.data());
    for (const Array& array : outputs)
      output_data.push_back(array.is_valid() ? array.data() : nullptr);
    choice.kernel->run({.inputs = input_data,
                        .outputs = output_data,
                        .scratch = scratch_data,
                        .pool = &pool,
                        .stream = stream != nullptr ? stream->native() : nullptr,
                        .mode = mode,
                        .random = random});
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

std::vector<Array> invoke(std::string_view op_name, const ParamText& params,
                          std::span<const Array> inputs, const InvokeOptions& options) {
  const OpRecord& op = OpRegistry::instance().get(op_name);
  ParamText text = params;
  if (!op.count_param.empty() && !text.contains(op.count_param)) {
    text[op.count_param] = std::to_string(inputs.size());
  }
  auto call = std::make_shared<Invocation>();
  call->params = op.schema.parse(text, op.name);
  call->name = op.name;
  const Graph graph = single_node_graph(op, call->params, call->name);
  const GraphNode& node = graph.nodes.back();
  if (inputs.size() != node.inputs.size()) {
    std::vector<std::string> names;
    for (Entry input : node.inputs) names.push_back(graph.entry_name(input));
    throw Error(op.name, ": ", inputs.size(), " arrays are given, expected ", names.size(),
                names.empty() ? std::string() : concat(" (", join(names), ")"), ".");
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

  const int num_visible = op.num_visible(call->params.get());
  if (!options.outputs.empty() && int(options.outputs.size()) != num_visible) {
    throw Error(op.name, ": ", options.outputs.size(), " output arrays are given, expected ",
                num_visible, ".");
  }
  std::vector<TensorSpec> input_specs, output_specs;
  for (size_t i = 0; i < inputs.size(); ++i) input_specs.push_back({shapes[i], types[i]});
  std::vector<Array> visible;
  struct CopyBack {
    Array from, to;
  };
  std::vector<CopyBack> copies;
  for (int i = 0; i < node.num_outputs; ++i) {
    const size_t entry = size_t(node.first_entry + i);
    const Shape& shape = known.shapes[entry];
    const DType type = known.types[entry] == DType::unknown ? DType::f32 : known.types[entry];
    output_specs.push_back({shape, type});
    if (options.outputs.empty() || i >= num_visible) {
      call->outputs.push_back(Array::empty(shape, type, device));
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
        const bool is_same = overlaps && given.data() == inputs[k].data();
        if (overlaps && !(is_same && may_overwrite(op, call->params.get(), k, size_t(i))))
          is_safe = false;
      }
      call->outputs.push_back(is_safe ? given : Array::empty(shape, type, device));
      if (!is_safe) copies.push_back({call->outputs.back(), given});
    }
    if (i < num_visible) visible.push_back(call->outputs.back());
  }

  const std::vector<Request> requests(output_specs.size(), Request::write);
  call->choice = choose_kernel(op,
                               {.device = device,
                                .params = call->params.get(),
                                .inputs = input_specs,
                                .outputs = output_specs,
                                .requests = requests},
                               op.name);
  Stream* const stream = stream_of(device, Lane::compute);
  if (const size_t bytes = call->choice.kernel->scratch_bytes(); bytes > 0 && stream == nullptr) {
    call->scratch = std::make_shared<Memory>(device, bytes);
  }
  call->inputs.assign(inputs.begin(), inputs.end());
  call->mode = options.mode;
  if (op.has_effects) call->random = next_random_key();

  std::vector<Variable> reads, writes;
  for (size_t i = 0; i < inputs.size(); ++i) {
    reads.push_back(inputs[i].variable());
    if (int(i) >= int(inputs.size()) - node.num_aux) writes.push_back(inputs[i].variable());
  }
  for (const Array& output : call->outputs) {
    writes.push_back(output.variable());
    if (!output.is_whole()) reads.push_back(output.variable());
  }
  const std::shared_ptr<Engine> engine =
      call->outputs.empty() ? Engine::get_default() : call->outputs[0].engine();
  Pool* pool = engine->pool().get();
  const TaskOptions task = {.op = op.name, .device = device, .ends_at_issue = true};
  engine->push(
      [call = std::move(call), pool, stream] {
        if (stream != nullptr) return call->run_on(*stream, *pool);
        call->run(*pool, call->scratch ? call->scratch->data() : nullptr, nullptr);
      },
      reads, writes, task);
  for (CopyBack& copy : copies) {
    copy.to.copy_from(copy.from);
    std::ranges::replace_if(
        visible, [&](const Array& a) { return a.shares_memory_with(copy.from); }, copy.to);
  }
  return visible;
}

}  // namespace treadle
