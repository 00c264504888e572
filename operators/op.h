// From an operator's struct to its record: the one include of an operator file, besides the shared
// loops it uses. docs/architecture/operators.md describes what a struct may declare:
//
//   - name, doc, aliases: the operator's names and its sentence of documentation
//   - Params: reflected parameters (core/reflect.h)
//   - inputs, auxiliaries, outputs: names(...) or a function of Params that returns them
//   - num_visible: outputs a user sees, or a function of Params; the others are hidden
//   - variable_defaults: initialisers of automatically created inputs
//   - infer_shape
//   - infer_type: default rule: everything has one type
//   - forward<D>, backward<D>: the plain reference, for every device kind it compiles for
//   - overwrites: true where the reference can only overwrite; a request to add goes by scratch
//   - forward_implementations, backward_implementations: faster ones, tried before the reference
//   - scratch_bytes: memory the reference needs for one run
//   - types: element types the reference takes; floating_types unless said
//   - refuse: why the reference cannot take these arrays ("" when it can)
//   - backward_reads, may_share, backward_may_share: reads(...), shares(...), or functions of
//   Params
//   - compose_gradient: gradient made of other operators: in place of backward or, beside it, for
//   gradients that are differentiated in turn; composes: for which Params (all unless said)
//   - zero_gradient, is_linear, is_loss, has_effects: facts, false unless said
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "treadle/core/reflect.h"
#include "treadle/graph/op.h"
#include "treadle/operators/call.h"
#include "treadle/operators/kernel.h"
#include "treadle/operators/type_set.h"

namespace treadle {

template <class... Names>
constexpr auto names(Names... each) {
  return std::array<std::string_view, sizeof...(Names)>{std::string_view(each)...};
}

struct NoParams {
  static constexpr auto fields = reflect();
};

namespace detail {

template <class Op>
struct ParamsOf {
  using type = NoParams;
};
template <class Op>
  requires requires { typename Op::Params; }
struct ParamsOf<Op> {
  using type = typename Op::Params;
};
template <class Op>
using Params = typename ParamsOf<Op>::type;

template <class Op>
const Params<Op>& params_of(const void* params) {
  return *static_cast<const Params<Op>*>(params);
}

// A declaration is a constant, or a function of the parameters: both become a vector of Item.
template <class Item, class Op, class Declared>
std::vector<Item> to_vector(const Declared& declared, const void* params) {
  if constexpr (std::is_invocable_v<Declared, const Params<Op>&>) {
    const auto made = declared(params_of<Op>(params));
    return std::vector<Item>(made.begin(), made.end());
  } else {
    return std::vector<Item>(declared.begin(), declared.end());
  }
}

// Expands in(every) to in(0) … in(n - 1).
std::vector<Slot> expand(std::vector<Slot> slots, int num_inputs, int num_outputs);
SlotMap forward_slots(const OpRecord& op, const void* params);
SlotMap backward_slots(const OpRecord& op, const void* params);

// Runs Op::forward or Op::backward as they are written: the reference implementation.
template <class Op, DeviceKind D, bool kBackward>
class ReferenceKernel final : public Kernel {
 public:
  ReferenceKernel(const KernelQuery& query, SlotMap map)
      : params_(params_of<Op>(query.params)),
        map_(std::move(map)),
        inputs_(query.inputs.begin(), query.inputs.end()),
        outputs_(query.outputs.begin(), query.outputs.end()),
        requests_(query.requests.begin(), query.requests.end()) {
    if constexpr (requires { Op::scratch_bytes(query); }) scratch_bytes_ = Op::scratch_bytes(query);
  }

  void run(const KernelRun& run) const override {
    Call<D> call(map_, inputs_, outputs_, requests_, run);
    if constexpr (kBackward) {
      Op::template backward<D>(params_, call);
    } else {
      Op::template forward<D>(params_, call);
    }
  }

 private:
  Params<Op> params_;
  SlotMap map_;
  std::vector<TensorSpec> inputs_, outputs_;
  std::vector<Request> requests_;
};

// "element type int32 of ...": empty when `types` holds all of the query's.
std::string refuse_types(TypeSet types, const KernelQuery& query);

template <class Op>
std::string refuse_reference(const KernelQuery& query) {
  if constexpr (requires { Op::refuse(params_of<Op>(query.params), query); }) {
    std::string refusal = Op::refuse(params_of<Op>(query.params), query);
    if (!refusal.empty()) return refusal;
  }
  if constexpr (requires { Op::types; }) {
    return refuse_types(Op::types, query);
  } else {
    return refuse_types(floating_types, query);
  }
}

template <class Op, DeviceKind D>
Prepared prepare_forward_reference(const KernelQuery& query) {
  static const OpRecord& op = OpRegistry::instance().get(Op::name);
  if (std::string refusal = refuse_reference<Op>(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return {std::make_unique<ReferenceKernel<Op, D, false>>(query, forward_slots(op, query.params)),
          {}};
}
template <class Op, DeviceKind D>
Prepared prepare_backward_reference(const KernelQuery& query) {
  static const OpRecord& op = OpRegistry::instance().get(Op::name);
  if (std::string refusal = refuse_reference<Op>(query); !refusal.empty()) {
    return Prepared::refuse(std::move(refusal));
  }
  return {std::make_unique<ReferenceKernel<Op, D, true>>(query, backward_slots(op, query.params)),
          {}};
}

template <class Op, DeviceKind D>
constexpr bool has_forward =
    requires(const Params<Op>& p, Call<D>& c) { Op::template forward<D>(p, c); };
template <class Op, DeviceKind D>
constexpr bool has_backward =
    requires(const Params<Op>& p, Call<D>& c) { Op::template backward<D>(p, c); };

template <class Op>
constexpr bool can_compose =
    requires(const Params<Op>& p, GradientBuilder& g) { Op::compose_gradient(p, g); };

template <class Op>
constexpr bool only_overwrites = [] {
  if constexpr (requires { Op::overwrites; }) return bool(Op::overwrites);
  return false;
}();

template <class Op, DeviceKind D>
void add_kernels(OpRecord& record, OpRecord* backward) {
  if constexpr (has_forward<Op, D>) {
    auto& list = record.attributes.edit<Implementations<D>>().list;
    if constexpr (requires { Op::template forward_implementations<D>(); }) {
      list = Op::template forward_implementations<D>();
    }
    list.push_back({"reference", &prepare_forward_reference<Op, D>, !only_overwrites<Op>});
  }
  if constexpr (has_backward<Op, D>) {
    auto& list = backward->attributes.edit<Implementations<D>>().list;
    if constexpr (requires { Op::template backward_implementations<D>(); }) {
      list = Op::template backward_implementations<D>();
    }
    list.push_back({"reference", &prepare_backward_reference<Op, D>, !only_overwrites<Op>});
  }
}

template <class Op>
std::unique_ptr<OpRecord> make_record() {
  using P = Params<Op>;
  auto record = std::make_unique<OpRecord>();
  record->name = Op::name;
  record->doc = Op::doc;
  if constexpr (requires { Op::aliases; })
    record->aliases.assign(Op::aliases.begin(), Op::aliases.end());
  record->schema = make_schema<P>();
  if constexpr (requires { Op::count_param; }) record->count_param = Op::count_param;
  record->inputs = [](const void* p) { return to_vector<std::string, Op>(Op::inputs, p); };
  record->auxiliaries = [](const void* p) -> OpRecord::Names {
    if constexpr (requires { Op::auxiliaries; })
      return to_vector<std::string, Op>(Op::auxiliaries, p);
    (void)p;
    return {};
  };
  record->outputs = [](const void* p) -> OpRecord::Names {
    if constexpr (requires { Op::outputs; }) return to_vector<std::string, Op>(Op::outputs, p);
    (void)p;
    return {"output"};
  };
  record->num_visible = [](const void* p) -> int {
    if constexpr (requires { Op::num_visible(params_of<Op>(p)); }) {
      return Op::num_visible(params_of<Op>(p));
    } else if constexpr (requires { int(Op::num_visible); }) {
      return Op::num_visible;
    } else if constexpr (requires { Op::outputs; }) {
      return int(to_vector<std::string, Op>(Op::outputs, p).size());
    } else {
      return 1;
    }
  };
  if constexpr (requires { Op::variable_defaults(); })
    record->variable_defaults = Op::variable_defaults();
  record->infer_shape = [](const void* p, ShapeInference& s) {
    Op::infer_shape(params_of<Op>(p), s);
  };
  record->infer_type = [](const void* p, TypeInference& t) {
    if constexpr (requires { Op::infer_type(params_of<Op>(p), t); }) {
      Op::infer_type(params_of<Op>(p), t);
    } else {
      t.unify_all();
    }
    (void)p;
  };
  if constexpr (requires { Op::may_share; }) {
    record->may_share = [](const void* p) { return to_vector<Share, Op>(Op::may_share, p); };
  }
  if constexpr (requires { Op::is_linear; }) record->is_linear = Op::is_linear;
  if constexpr (requires { Op::is_loss; }) record->is_loss = Op::is_loss;
  if constexpr (requires { Op::has_effects; }) record->has_effects = Op::has_effects;
  return record;
}

template <class Op>
std::unique_ptr<OpRecord> make_backward_record(OpRecord& forward) {
  auto record = std::make_unique<OpRecord>();
  record->name = "_backward_" + forward.name;
  record->doc = "Gradient of " + forward.name + ".";
  record->forward = &forward;
  record->num_visible = [](const void*) { return 0; };
  if constexpr (requires { Op::backward_may_share; }) {
    record->may_share = [](const void* p) {
      return to_vector<Share, Op>(Op::backward_may_share, p);
    };
  }
  forward.backward_reads = [](const void* p) {
    const OpRecord& op = OpRegistry::instance().get(Op::name);
    return expand(to_vector<Slot, Op>(Op::backward_reads, p), int(op.inputs(p).size()),
                  int(op.outputs(p).size()));
  };
  return record;
}

template <class Op>
void register_op() {
  auto record = make_record<Op>();
  std::unique_ptr<OpRecord> backward;
  if constexpr (has_backward<Op, DeviceKind::cpu>) {
    record->gradient_kind = GradientKind::kernel;
    backward = make_backward_record<Op>(*record);
    record->backward = backward.get();
  } else if constexpr (can_compose<Op>) {
    record->gradient_kind = GradientKind::graph;
  } else if constexpr (requires { Op::zero_gradient; }) {
    record->gradient_kind = GradientKind::zero;
  }
  if constexpr (can_compose<Op>) {
    record->compose_gradient = [](const void* p, GradientBuilder& g) {
      Op::compose_gradient(params_of<Op>(p), g);
    };
    if constexpr (requires(const Params<Op>& p) { Op::composes(p); }) {
      record->composes = [](const void* p) { return bool(Op::composes(params_of<Op>(p))); };
    }
  }
  add_kernels<Op, DeviceKind::cpu>(*record, backward.get());
  // Whole when they are added, so that extensions find what they extend.
  OpRegistry& registry = OpRegistry::instance();
  if (backward) registry.add(std::move(backward));
  registry.add(std::move(record));
}

// The CUDA half of an operator, compiled by nvcc from the same file.
template <class Op>
void register_cuda_kernels() {
  OpRegistry::instance().extend(Op::name, [](OpRecord& record) {
    add_kernels<Op, DeviceKind::gpu>(record, const_cast<OpRecord*>(record.backward));
  });
}

}  // namespace detail
}  // namespace treadle

#define TREADLE_CONCAT_(a, b) a##b
#define TREADLE_CONCAT(a, b) TREADLE_CONCAT_(a, b)

// Registers an operator's struct before main.
#ifdef __CUDACC__
#define TREADLE_REGISTER_OP(Op)                                             \
  [[maybe_unused]] static const bool TREADLE_CONCAT(registered_, Op) = [] { \
    ::treadle::detail::register_cuda_kernels<Op>();                         \
    return true;                                                            \
  }()
#else
#define TREADLE_REGISTER_OP(Op)                                             \
  [[maybe_unused]] static const bool TREADLE_CONCAT(registered_, Op) = [] { \
    ::treadle::detail::register_op<Op>();                                   \
    return true;                                                            \
  }()
#endif
