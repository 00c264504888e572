#include "treadle/tests/operators/node_runner.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

#include "treadle/device/pool.h"
#include "treadle/graph/infer.h"
#include "treadle/tests/support/catch.h"

namespace treadle::testing {
namespace {

constexpr unsigned char poison = 0xff;  // NaN in every floating type, -1 or 255 in integers
constexpr unsigned char guard_byte = 0xa5;

template <class Body>
auto with_type(DType type, const Body& body) {
  switch (type) {
    case DType::f64: return body(double());
    case DType::f16: return body(f16());
    case DType::bf16: return body(bf16());
    case DType::u8: return body(uint8_t());
    case DType::i8: return body(int8_t());
    case DType::i32: return body(int32_t());
    case DType::i64: return body(int64_t());
    case DType::boolean: return body(bool());
    default: return body(float());
  }
}

const std::shared_ptr<Pool>& one_thread() {
  static const std::shared_ptr<Pool> pool = make_thread_pool({.concurrency = 1});
  return pool;
}

}  // namespace

void HostArray::Free::operator()(char* bytes) const {
  ::operator delete[](bytes, std::align_val_t(64));
}

HostArray::HostArray(TensorSpec spec) : spec_(std::move(spec)) {
  bytes_.reset(new (std::align_val_t(64)) char[bytes() + 2 * guard]);
  std::memset(bytes_.get(), guard_byte, bytes() + 2 * guard);
  std::memset(data(), poison, bytes());
}
HostArray::HostArray(const HostArray& other) : HostArray(other.spec_) {
  std::memcpy(data(), other.data(), bytes());
}
HostArray& HostArray::operator=(const HostArray& other) { return *this = HostArray(other); }

double HostArray::get(int64_t i) const {
  return with_type(spec_.type, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_same_v<T, bool>) {
      return double(static_cast<const unsigned char*>(data())[i]);
    } else {
      using Wide = std::conditional_t<std::is_arithmetic_v<T>, double, float>;
      return double(Wide(static_cast<const T*>(data())[i]));
    }
  });
}
void HostArray::set(int64_t i, double value) {
  with_type(spec_.type, [&](auto zero) {
    using T = decltype(zero);
    using Wide = std::conditional_t<std::is_arithmetic_v<T>, T, float>;
    static_cast<T*>(data())[i] = T(Wide(value));
    return 0;
  });
}
void HostArray::fill(double value) {
  for (int64_t i = 0; i < elements(); ++i) set(i, value);
}
bool HostArray::has_same_bits(const HostArray& other) const {
  return spec_.shape == other.spec_.shape && spec_.type == other.spec_.type &&
         std::memcmp(data(), other.data(), bytes()) == 0;
}
bool HostArray::has_intact_guards() const {
  const auto intact = [](const char* from) {
    return std::all_of(from, from + guard,
                       [](char c) { return static_cast<unsigned char>(c) == guard_byte; });
  };
  return intact(bytes_.get()) && intact(bytes_.get() + guard + bytes());
}

HostArray make_array(const Shape& shape, const std::vector<double>& numbers, DType type) {
  HostArray made({shape, type});
  REQUIRE(made.elements() == int64_t(numbers.size()));
  for (size_t i = 0; i < numbers.size(); ++i) made.set(int64_t(i), numbers[i]);
  return made;
}

std::vector<double> numbers_of(const HostArray& array) {
  std::vector<double> made;
  for (int64_t i = 0; i < array.elements(); ++i) made.push_back(array.get(i));
  return made;
}

double difference(const HostArray& actual, const HostArray& expected) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (actual.spec().shape != expected.spec().shape) return infinity;
  double largest = 1, worst = 0;
  for (int64_t i = 0; i < expected.elements(); ++i) {
    const double a = actual.get(i), b = expected.get(i);
    if (a == b || (std::isnan(a) && std::isnan(b))) continue;
    if (!std::isfinite(a) || !std::isfinite(b)) return infinity;
    largest = std::max(largest, std::abs(b));
    worst = std::max(worst, std::abs(a - b));
  }
  return worst / largest;
}

NodeAnswer run_node(const NodeProblem& problem, const RunOptions& options) {
  NodeAnswer answer;
  answer.inputs = problem.inputs;
  std::vector<TensorSpec> inputs;
  std::vector<void*> input_data, output_data;
  for (HostArray& input : answer.inputs) {
    inputs.push_back(input.spec());
    input_data.push_back(input.data());
  }
  std::vector<Request> requests = options.requests;
  requests.resize(problem.outputs.size(), Request::write);
  KernelQuery query;
  query.params = problem.params.get();
  query.inputs = inputs;
  query.outputs = problem.outputs;
  query.requests = requests;
  const Choice choice = choose_kernel(*problem.op, query, problem.who, options.implementation);
  answer.implementation = choice.implementation;

  for (size_t i = 0; i < problem.outputs.size(); ++i) {
    answer.outputs.emplace_back(problem.outputs[i]);
    if (requests[i] == Request::add) answer.outputs.back().fill(options.preset);
    output_data.push_back(requests[i] == Request::null ? nullptr : answer.outputs.back().data());
  }
  int shared_input = -1;
  if (options.share) {
    const auto slots = problem.op->forward
                           ? problem.op->forward->backward_reads(problem.params.get())
                           : std::vector<Slot>();
    const Slot read = options.share->read;
    shared_input = slots.empty() ? read.index : int(std::ranges::find(slots, read) - slots.begin());
    const size_t written = size_t(options.share->written.index);
    REQUIRE(answer.outputs[written].bytes() == answer.inputs[size_t(shared_input)].bytes());
    output_data[written] = input_data[size_t(shared_input)];
  }
  HostArray scratch(
      {Shape{std::max<int64_t>(1, int64_t(choice.kernel->scratch_bytes()))}, DType::u8});
  KernelRun run;
  run.inputs = input_data;
  run.outputs = output_data;
  run.scratch = scratch.data();
  run.pool = options.pool ? options.pool : one_thread().get();
  run.mode = options.mode;
  run.random = options.random;
  choice.kernel->run(run);

  bool is_intact = scratch.has_intact_guards();
  for (const HostArray& array : answer.outputs) is_intact = is_intact && array.has_intact_guards();
  for (const HostArray& array : answer.inputs) is_intact = is_intact && array.has_intact_guards();
  INFO(problem.who << " by " << choice.implementation);
  REQUIRE(is_intact);
  if (shared_input >= 0) {
    HostArray& output = answer.outputs[size_t(options.share->written.index)];
    const HostArray& memory = answer.inputs[size_t(shared_input)];
    std::memcpy(output.data(), memory.data(), memory.bytes());
  }
  const size_t num_states =
      problem.op->auxiliaries ? problem.op->auxiliaries(problem.params.get()).size() : 0;
  const size_t num_plain =
      problem.op->forward ? problem.inputs.size() : problem.inputs.size() - num_states;
  for (size_t i = 0; i < num_plain; ++i) {
    if (int(i) == shared_input || problem.op->forward) continue;
    const bool is_unchanged = answer.inputs[i].has_same_bits(problem.inputs[i]);
    INFO("input " << i);
    REQUIRE(is_unchanged);
  }
  return answer;
}

OpRunner::OpRunner(std::string_view op, const ParamText& params, const std::vector<Shape>& known,
                   DType type)
    : op_(&OpRegistry::instance().get(op)) {
  const std::string who = concat(op_->name, "(node)");
  const auto parsed = op_->schema.parse(params, who);
  names_ = op_->inputs(parsed.get());
  for (std::string& state : op_->auxiliaries(parsed.get())) names_.push_back(std::move(state));
  graph_ = single_node_graph(*op_, parsed, "node");
  node_ = int(graph_.nodes.size()) - 1;
  // The first input's type decides where the operator says so (BatchNorm has float32 parameters for
  // 16-bit data); otherwise all are given.
  std::vector<DType> types(names_.size(), DType::unknown);
  if (!types.empty()) types[0] = type;
  try {
    annotations_ = infer_node(graph_, known, types);
  } catch (const Error&) {  // some refuse to answer without all types, or these shapes: asked again
    annotations_.types = {DType::unknown};
  }
  if (std::ranges::count(annotations_.types, DType::unknown) > 0) {
    annotations_ = infer_node(graph_, known, std::vector<DType>(names_.size(), type));
  }
  for (size_t i = 0; i < annotations_.shapes.size(); ++i) {
    if (!annotations_.shapes[i].is_known()) {
      throw Error(who, ": the shape of array ", i, " does not follow from those given.");
    }
  }
}

TensorSpec OpRunner::input_spec(int i) const {
  return {annotations_.shapes[size_t(i)], annotations_.types[size_t(i)]};
}
TensorSpec OpRunner::output_spec(int i) const {
  const size_t id = size_t(graph_.entry_id({node_, i}));
  return {annotations_.shapes[id], annotations_.types[id]};
}
int OpRunner::num_visible() const {
  return op_->num_visible(graph_.nodes[size_t(node_)].params.get());
}

NodeProblem OpRunner::problem(const std::vector<HostArray>& inputs) const {
  NodeProblem made{op_, graph_.nodes[size_t(node_)].params, graph_.describe(node_), inputs, {}};
  for (int i = 0; i < num_outputs(); ++i) made.outputs.push_back(output_spec(i));
  return made;
}

std::vector<HostArray> OpRunner::forward(const std::vector<HostArray>& inputs,
                                         const RunOptions& options) const {
  return run_node(problem(inputs), options).outputs;
}

OpRunner::Gradients OpRunner::backward(const std::vector<HostArray>& inputs,
                                       const std::vector<HostArray>& heads,
                                       const RunOptions& options) const {
  std::vector<int> wanted;
  for (int i = 0; i < int(names_.size()) - num_states(); ++i) wanted.push_back(i);
  const GradientGraph whole = add_gradients(graph_, wanted);
  Annotations annotations = annotations_;
  annotate_appended(whole.graph, node_ + 1, annotations);

  std::vector<HostArray> entries(size_t(whole.graph.num_entries));
  for (size_t i = 0; i < inputs.size(); ++i) entries[i] = inputs[i];
  for (size_t i = 0; i < whole.head_nodes.size(); ++i) {
    if (whole.head_nodes[i] >= 0)
      entries[size_t(whole.graph.entry_id({whole.head_nodes[i], 0}))] = heads[i];
  }
  Gradients made;
  for (int n = 0; n < int(whole.graph.nodes.size()); ++n) {
    const GraphNode& node = whole.graph.nodes[size_t(n)];
    if (node.is_variable()) continue;
    NodeProblem problem{node.op, node.params, whole.graph.describe(n), {}, {}};
    for (Entry input : node.inputs)
      problem.inputs.push_back(entries[size_t(whole.graph.entry_id(input))]);
    for (int i = 0; i < node.num_outputs; ++i) {
      const size_t id = size_t(whole.graph.entry_id({n, i}));
      problem.outputs.push_back({annotations.shapes[id], annotations.types[id]});
    }
    NodeAnswer answer = run_node(problem, options);
    for (int i = 0; i < node.num_outputs; ++i) {
      entries[size_t(whole.graph.entry_id({n, i}))] = std::move(answer.outputs[size_t(i)]);
    }
    for (size_t i = node.inputs.size() - size_t(node.num_aux); i < node.inputs.size(); ++i) {
      entries[size_t(whole.graph.entry_id(node.inputs[i]))] = std::move(answer.inputs[i]);
    }
    if (n == node_ || node.op == op_->backward) made.own_nodes.push_back(std::move(problem));
  }
  for (int i = 0; i < num_outputs(); ++i) {
    made.outputs.push_back(entries[size_t(whole.graph.entry_id({node_, i}))]);
    made.reads_head.push_back(whole.head_nodes[size_t(i)] >= 0);
  }
  for (Entry gradient : whole.gradients)
    made.in_grads.push_back(entries[size_t(whole.graph.entry_id(gradient))]);
  return made;
}

}  // namespace treadle::testing
