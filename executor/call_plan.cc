#include "treadle/executor/call_plan.h"

#include <algorithm>
#include <functional>
#include <string_view>

#include "treadle/core/text.h"
#include "treadle/device/pool.h"
#include "treadle/executor/answer_cache.h"
#include "treadle/graph/infer.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/operators/bound_state.h"

namespace treadle {
namespace {

// Enough for the calls of a program that goes through them again and again; each holds a kernel.
constexpr size_t most_plans = 512;

class Hasher {
 public:
  template <class T>
  void add(const T& value) {
    // The mixing step of boost::hash_combine, for 64 bits.
    hash_ ^= std::hash<T>()(value) + 0x9e3779b97f4a7c15u + (hash_ << 12) + (hash_ >> 4);
  }
  void add(const std::vector<TensorSpec>& specs) {
    for (const TensorSpec& spec : specs) {
      add(int(spec.type));
      for (int64_t extent : spec.shape) add(extent);
    }
  }
  size_t value() const { return hash_; }

 private:
  size_t hash_ = 0;
};

bool are_equal(const std::vector<TensorSpec>& a, const std::vector<TensorSpec>& b) {
  return std::ranges::equal(a, b, [](const TensorSpec& x, const TensorSpec& y) {
    return x.type == y.type && x.shape == y.shape;
  });
}

// What kernels are prepared for besides their arrays.
struct Circumstances {
  const OpRecord* op;
  Device device;
  int width = default_pool()->kernel_width();

  friend bool operator==(const Circumstances&, const Circumstances&) = default;
};

struct PlanQuestion {
  Circumstances here;
  ParamText params;
  std::vector<TensorSpec> inputs;

  size_t hash() const {
    Hasher hasher;
    hasher.add(here.op);
    for (const auto& [name, value] : params) hasher.add(name), hasher.add(value);
    hasher.add(inputs);
    return hasher.value();
  }
  friend bool operator==(const PlanQuestion& a, const PlanQuestion& b) {
    return a.here == b.here && are_equal(a.inputs, b.inputs) && a.params == b.params;
  }
};

struct KernelQuestion {
  Circumstances here;
  std::shared_ptr<const void> params;  // kept alive, so that no others get their address
  std::vector<TensorSpec> inputs, outputs;
  std::vector<Request> requests;

  size_t hash() const {
    Hasher hasher;
    hasher.add(here.op);
    hasher.add(params.get());
    hasher.add(inputs);
    return hasher.value();
  }
  friend bool operator==(const KernelQuestion& a, const KernelQuestion& b) {
    return a.here == b.here && a.params == b.params && a.requests == b.requests &&
           are_equal(a.inputs, b.inputs) && are_equal(a.outputs, b.outputs);
  }
};

// Never destroyed: threads of the program may still call operators while it ends.
AnswerCache<PlanQuestion, CallPlan>& plans() {
  static auto& cache = *new AnswerCache<PlanQuestion, CallPlan>(most_plans);
  return cache;
}
AnswerCache<KernelQuestion, Kernel>& kernels() {
  static auto& cache = *new AnswerCache<KernelQuestion, Kernel>(most_plans);
  return cache;
}

// Kernels that belong to one bind are never used again, and those of accelerators, which may be
// taken away, are prepared anew.
bool may_keep(const OpRecord& op, Device device) {
  const OpRecord& forward = op.forward != nullptr ? *op.forward : op;
  return device.kind != DeviceKind::gpu && forward.attributes.get<HasBoundState>() == nullptr;
}

std::shared_ptr<const Kernel> choose(const OpRecord& op, const KernelQuery& query) {
  return choose_kernel(op, query, op.name).kernel;
}

std::shared_ptr<const CallPlan> make_plan(const OpRecord& op, const ParamText& text,
                                          std::span<const TensorSpec> given, Device device) {
  auto plan = std::make_shared<CallPlan>();
  plan->params = op.schema.parse(text, op.name);
  const void* const params = plan->params.get();
  const Graph graph = single_node_graph(op, plan->params, op.name);
  const GraphNode& node = graph.nodes.back();
  if (given.size() != node.inputs.size()) {
    std::vector<std::string> names;
    for (Entry input : node.inputs) names.push_back(graph.entry_name(input));
    throw Error(op.name, ": ", given.size(), " arrays are given, expected ", names.size(),
                names.empty() ? std::string() : concat(" (", join(names), ")"), ".");
  }
  plan->num_aux = node.num_aux;
  plan->num_visible = op.num_visible(params);
  plan->order.resize(given.size());
  const std::vector<OpInput> roles = all_inputs(op, params);
  for (size_t i = 0; i < given.size(); ++i) {
    const size_t behind = roles[i].is_state() ? given.size() - size_t(node.num_aux) : 0;
    plan->order[behind + size_t(roles[i].slot.index)] = i;
  }
  std::vector<TensorSpec> inputs;
  std::vector<Shape> shapes;
  std::vector<DType> types;
  for (size_t i : plan->order) {
    inputs.push_back(given[i]);
    shapes.push_back(given[i].shape);
    types.push_back(given[i].type);
  }
  const Annotations known = infer_node(graph, shapes, types);
  for (int i = 0; i < node.num_outputs; ++i) {
    const size_t entry = size_t(node.first_entry + i);
    const DType type = known.types[entry];
    plan->outputs.push_back({known.shapes[entry], type == DType::unknown ? DType::f32 : type});
  }
  if (op.may_share) plan->shares = op.may_share(params);
  const std::vector<Request> requests(plan->outputs.size(), Request::write);
  plan->kernel = choose(op, {.device = device,
                             .params = params,
                             .inputs = inputs,
                             .outputs = plan->outputs,
                             .requests = requests});
  return plan;
}

}  // namespace

std::shared_ptr<const CallPlan> plan_call(const OpRecord& op, const ParamText& params,
                                          std::span<const TensorSpec> inputs, Device device) {
  if (!may_keep(op, device)) return make_plan(op, params, inputs, device);
  PlanQuestion question{{&op, device}, params, {inputs.begin(), inputs.end()}};
  if (auto known = plans().find(question)) return known;
  auto made = make_plan(op, params, inputs, device);
  plans().keep(std::move(question), made);
  return made;
}

std::shared_ptr<const Kernel> kernel_for(const OpRecord& op,
                                         const std::shared_ptr<const void>& params, Device device,
                                         std::span<const TensorSpec> inputs,
                                         std::span<const TensorSpec> outputs,
                                         std::span<const Request> requests) {
  const KernelQuery query{.device = device,
                          .params = params.get(),
                          .inputs = inputs,
                          .outputs = outputs,
                          .requests = requests};
  // A reference alone is prepared in no time.
  const auto* all = op.attributes.get<Implementations<DeviceKind::cpu>>();
  if (!may_keep(op, device) || all == nullptr || all->list.size() == 1) return choose(op, query);
  KernelQuestion question{{&op, device},
                          params,
                          {inputs.begin(), inputs.end()},
                          {outputs.begin(), outputs.end()},
                          {requests.begin(), requests.end()}};
  if (auto known = kernels().find(question)) return known;
  auto made = choose(op, query);
  kernels().keep(std::move(question), made);
  return made;
}

}  // namespace treadle
