// Custom: a node whose operator was registered at run time. Its inputs, outputs and parameters are
// what that operator says, so the record is written by hand.
#include <algorithm>
#include <cstring>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

#include "treadle/core/open_params.h"
#include "treadle/core/text.h"
#include "treadle/device/memory.h"
#include "treadle/operators/bound_state.h"
#include "treadle/operators/custom/custom.h"
#include "treadle/operators/op.h"
#include "treadle/operators/random.h"

namespace treadle {

void CustomOperator::infer_type(std::vector<DType>& arguments, std::vector<DType>& outputs,
                                std::vector<DType>& states) const {
  const DType first = arguments.empty() ? DType::f32 : arguments[0];
  for (auto* list : {&arguments, &outputs, &states}) std::ranges::fill(*list, first);
}

namespace {

struct Makers {
  std::mutex mutex;
  std::map<std::string, CustomMaker, std::less<>> by_name;

  static Makers& instance() {
    static Makers* const makers = new Makers();  // bindings may look one up until the very end
    return *makers;
  }
};

std::shared_ptr<const CustomOperator> make_operator(const ParamText& text) {
  const auto type = text.find("op_type");
  Makers& makers = Makers::instance();
  CustomMaker maker;
  {
    const std::lock_guard lock(makers.mutex);
    const auto found = makers.by_name.find(type->second);
    if (found == makers.by_name.end()) {
      std::vector<std::string> names;
      for (const auto& [name, each] : makers.by_name) names.push_back(name);
      throw Error("no custom operator '", type->second, "' is registered.",
                  did_you_mean(type->second, names), " Register it before it is used or loaded.");
    }
    maker = found->second;
  }
  ParamText own = text;
  own.erase("op_type");
  return maker(own);
}

}  // namespace

void register_custom_operator(std::string op_type, CustomMaker maker) {
  Makers& makers = Makers::instance();
  // What is replaced goes after the lock: it may wait for another one (an interpreter's).
  CustomMaker before = std::move(maker);
  const std::lock_guard lock(makers.mutex);
  if (before) {
    std::swap(makers.by_name[std::move(op_type)], before);
  } else if (const auto it = makers.by_name.find(op_type); it != makers.by_name.end()) {
    before = std::move(it->second);
    makers.by_name.erase(it);
  }
}

namespace ops {

// The operator that a node's parameters name.
struct CustomHandle {
  std::shared_ptr<const CustomOperator> op;
};

}  // namespace ops

template <>
const ValueType& value_type<ops::CustomHandle>() {
  static const ValueType type = {.name = "parameters",
                                 .cpp_name = {},
                                 .parse =
                                     [](std::string_view text, void* value) {
                                       static_cast<ops::CustomHandle*>(value)->op =
                                           make_operator(split_parameters(text));
                                     },
                                 .print = [](const void*) { return std::string(); },
                                 .numbers = [](const void*) { return std::vector<double>(); }};
  return type;
}

namespace ops {
namespace {

// Bound uses that a compilation of forward leaves to the compilation of backward that follows on
// the same thread, so that both kernels of a node work on one.
struct Bound {
  std::mutex mutex;
  std::map<std::thread::id, std::shared_ptr<CustomKernel>> last;
};

struct CustomParams {
  std::string op_type;
  CustomHandle all;
  std::shared_ptr<Bound> bound = std::make_shared<Bound>();

  static constexpr auto fields =
      reflect(field("op_type", &CustomParams::op_type, required,
                    "The name that the operator was registered under; all other parameters are "
                    "the operator's own."),
              field(all_parameters, &CustomParams::all, "The operator's own parameters."));
};

const CustomParams& custom(const void* params) { return *static_cast<const CustomParams*>(params); }

using Lent = std::vector<std::shared_ptr<Storage>>;

Array wrap(void* data, const TensorSpec& spec, Device device, Lent& lent) {
  if (data == nullptr) return Array::empty(spec.shape, spec.type, device);
  auto storage = std::make_shared<Storage>();
  lent.push_back(storage);
  storage->data = data;
  storage->bytes = size_t(spec.shape.elements()) * size_of(spec.type);
  storage->device = device;
  storage->engine = Engine::get_default();
  storage->variable = storage->engine->variable();
  return Array(std::move(storage), 0, spec.shape, spec.type);
}

// Waits for all that was queued on the arrays of a run, what only reads them too: the memory is the
// run's. Gives the first failure.
std::exception_ptr settle(const CustomRun& run) noexcept {
  std::exception_ptr first;
  for (const auto* list : {&run.inputs, &run.outputs, &run.out_grads, &run.in_grads, &run.states}) {
    for (const Array& array : *list) {
      try {
        array.engine()->wait_to_write(array.variable());
      } catch (...) {
        if (!first) first = std::current_exception();
      }
    }
  }
  return first;
}

// The memory goes to others now. Whoever has kept an array, or a view of one, keeps what it held,
// in memory of its own.
void take_back(const Lent& lent) {
  for (const std::shared_ptr<Storage>& storage : lent) {
    if (storage.use_count() == 1 || storage->device.kind == DeviceKind::gpu) continue;
    // Should there be no memory, the array takes some when it is next used.
    const void* const held = storage->data.exchange(nullptr);
    if (storage->bytes == 0) continue;
    auto own = std::make_shared<Memory>(storage->device, storage->bytes);
    std::memcpy(own->data(), held, storage->bytes);
    storage->data = own->data();
    storage->owner = std::move(own);
  }
}

// Runs one direction of a bound use on the memory of the run.
class CustomNodeKernel final : public Kernel {
 public:
  CustomNodeKernel(const KernelQuery& query, std::shared_ptr<CustomKernel> use, bool is_backward)
      : device_(query.device),
        use_(std::move(use)),
        is_backward_(is_backward),
        inputs_(query.inputs.begin(), query.inputs.end()),
        outputs_(query.outputs.begin(), query.outputs.end()),
        requests_(query.requests.begin(), query.requests.end()) {
    const CustomOperator& op = *custom(query.params).all.op;
    num_arguments_ = op.arguments().size();
    num_outputs_ = op.outputs().size();
    reads_out_grads_ = op.reads_out_grads();
  }

  void run(const KernelRun& run) const override {
    Lent lent;
    const std::exception_ptr failure = work(run, lent);
    take_back(lent);
    if (failure) std::rethrow_exception(failure);
  }

 private:
  // Gives what failed, when nothing uses the arrays of the run any more.
  std::exception_ptr work(const KernelRun& run, Lent& lent) const {
    CustomRun call;
    call.mode = run.mode;
    call.requests = requests_;
    size_t next = 0;
    const auto take = [&](std::vector<Array>& into, size_t count) {
      for (size_t i = 0; i < count; ++i, ++next) {
        into.push_back(wrap(run.inputs[next], inputs_[next], device_, lent));
      }
    };
    const auto written = [&](std::vector<Array>& into) {
      for (size_t i = 0; i < outputs_.size(); ++i) {
        into.push_back(wrap(run.outputs[i], outputs_[i], device_, lent));
      }
    };
    if (is_backward_ && reads_out_grads_) take(call.out_grads, num_outputs_);
    take(call.inputs, num_arguments_);
    if (is_backward_) take(call.outputs, num_outputs_);
    take(call.states, inputs_.size() - next);
    written(is_backward_ ? call.in_grads : call.outputs);
    const RandomScope draws(run.random, is_backward_);
    std::exception_ptr thrown;
    try {
      is_backward_ ? use_->backward(call) : use_->forward(call);
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::exception_ptr queued = settle(call);
    return thrown ? thrown : queued;
  }

  Device device_;
  std::shared_ptr<CustomKernel> use_;
  bool is_backward_;
  std::vector<TensorSpec> inputs_, outputs_;
  std::vector<Request> requests_;
  size_t num_arguments_ = 0, num_outputs_ = 0;
  bool reads_out_grads_ = true;
};

Prepared prepare_forward(const KernelQuery& query) {
  const CustomParams& params = custom(query.params);
  auto use =
      params.all.op->bind(query.device, query.inputs.subspan(0, params.all.op->arguments().size()));
  {
    const std::lock_guard lock(params.bound->mutex);
    params.bound->last[std::this_thread::get_id()] = use;
  }
  return {std::make_unique<CustomNodeKernel>(query, std::move(use), false), {}};
}

Prepared prepare_backward(const KernelQuery& query) {
  const CustomParams& params = custom(query.params);
  std::shared_ptr<CustomKernel> use;
  {
    const std::lock_guard lock(params.bound->mutex);
    use = params.bound->last[std::this_thread::get_id()];
  }
  if (!use) {  // forward was compiled elsewhere
    const size_t skipped = params.all.op->reads_out_grads() ? params.all.op->outputs().size() : 0;
    use = params.all.op->bind(query.device,
                              query.inputs.subspan(skipped, params.all.op->arguments().size()));
  }
  return {std::make_unique<CustomNodeKernel>(query, std::move(use), true), {}};
}

template <class Values, class Read>
Values read_all(size_t count, Read read) {
  Values values;
  for (size_t i = 0; i < count; ++i) values.push_back(read(int(i)));
  return values;
}

void check_counts(size_t got, size_t expected, const char* what, const ShapeInference& s) {
  if (got == expected) return;
  s.fail(concat("infer_shape gives ", got, " shapes of ", what, "; the operator lists ", expected,
                "."));
}

void infer_shape(const void* params, ShapeInference& s) {
  const CustomOperator& op = *custom(params).all.op;
  const size_t num_in = op.arguments().size(), num_out = op.outputs().size(),
               num_states = op.states().size();
  auto in_shapes = read_all<std::vector<Shape>>(num_in, [&](int i) { return s.shape(in(i)); });
  // Until something is known there is nothing that the operator could conclude.
  if (num_in > 0 && std::ranges::none_of(in_shapes, &Shape::is_known)) return;
  std::vector<Shape> out_shapes(num_out), state_shapes(num_states);
  op.infer_shape(in_shapes, out_shapes, state_shapes);
  check_counts(in_shapes.size(), num_in, "arguments", s);
  check_counts(out_shapes.size(), num_out, "outputs", s);
  check_counts(state_shapes.size(), num_states, "auxiliary states", s);
  const auto because = "the operator's infer_shape says so";
  for (size_t i = 0; i < num_in; ++i) s.set(in(int(i)), in_shapes[i], because);
  for (size_t i = 0; i < num_out; ++i) s.set(out(int(i)), out_shapes[i], because);
  for (size_t i = 0; i < num_states; ++i) s.set(aux(int(i)), state_shapes[i], because);
}

void infer_type(const void* params, TypeInference& t) {
  const CustomOperator& op = *custom(params).all.op;
  const size_t num_in = op.arguments().size(), num_out = op.outputs().size(),
               num_states = op.states().size();
  auto in_types = read_all<std::vector<DType>>(num_in, [&](int i) { return t.type(in(i)); });
  if (num_in > 0 && in_types[0] == DType::unknown) {
    return;  // states what follows from the first argument alone, so it waits for it
  }
  std::vector<DType> out_types(num_out, DType::unknown), state_types(num_states, DType::unknown);
  op.infer_type(in_types, out_types, state_types);
  for (size_t i = 0; i < std::min(num_in, in_types.size()); ++i) t.set(in(int(i)), in_types[i]);
  for (size_t i = 0; i < std::min(num_out, out_types.size()); ++i) {
    t.set(out(int(i)), out_types[i]);
  }
  for (size_t i = 0; i < std::min(num_states, state_types.size()); ++i) {
    t.set(aux(int(i)), state_types[i]);
  }
}

std::vector<Slot> backward_reads(const void* params) {
  const CustomOperator& op = *custom(params).all.op;
  std::vector<Slot> slots;
  const auto add = [&](size_t count, Slot (*slot)(int)) {
    for (size_t i = 0; i < count; ++i) slots.push_back(slot(int(i)));
  };
  if (op.reads_out_grads()) add(op.outputs().size(), out_grad);
  add(op.arguments().size(), in);
  add(op.outputs().size(), out);
  add(op.states().size(), aux);
  return slots;
}

[[maybe_unused]] const bool registered = [] {
  auto record = std::make_unique<OpRecord>();
  record->name = "Custom";
  record->doc = "An operator that was registered at run time under the name op_type.";
  record->schema = make_schema<CustomParams>();
  record->inputs = [](const void* p) { return custom(p).all.op->arguments(); };
  record->auxiliaries = [](const void* p) { return custom(p).all.op->states(); };
  record->outputs = [](const void* p) { return custom(p).all.op->outputs(); };
  record->num_visible = [](const void* p) { return int(custom(p).all.op->outputs().size()); };
  record->infer_shape = infer_shape;
  record->infer_type = infer_type;
  record->has_effects = true;
  record->attributes.edit<HasBoundState>();
  record->gradient_kind = GradientKind::kernel;
  record->backward_reads = backward_reads;
  record->attributes.edit<Implementations<DeviceKind::cpu>>().list = {
      {"reference", prepare_forward, true}};
  OpRegistry& registry = OpRegistry::instance();
  OpRecord& forward = registry.add(std::move(record));

  auto backward = std::make_unique<OpRecord>();
  backward->name = "_backward_Custom";
  backward->doc = "Gradient of Custom.";
  backward->forward = &forward;
  backward->num_visible = [](const void*) { return 0; };
  backward->attributes.edit<Implementations<DeviceKind::cpu>>().list = {
      {"reference", prepare_backward, true}};
  forward.backward = &registry.add(std::move(backward));
  return true;
}();

}  // namespace
}  // namespace ops
}  // namespace treadle
