#include "treadle/tests/graph/operators.h"

#include "treadle/graph/gradient.h"

namespace treadle::testing {
namespace {

using Names = OpRecord::Names;

struct NoParams {
  static constexpr auto fields = reflect();
};

struct Dense {
  int num_hidden = 0;
  bool no_bias = false;
  static constexpr auto fields =
      reflect(field("num_hidden", &Dense::num_hidden, required, at_least(1), "Size of the output."),
              field("no_bias", &Dense::no_bias, "Leave the bias out."));
};

enum class Act { relu, tanh };
EnumNames describe(Act) { return enum_names("Act", "relu", "tanh"); }
struct ActParams {
  Act act_type = Act::relu;
  float scale = 1;
  static constexpr auto fields =
      reflect(field("act_type", &ActParams::act_type, required, "Which."),
              field("scale", &ActParams::scale, "Factor."));
};

struct Split {
  int num_outputs = 2;
  static constexpr auto fields =
      reflect(field("num_outputs", &Split::num_outputs, between(1, 1000), "Parts."));
};

struct Join {
  int num_args = 1;
  static constexpr auto fields =
      reflect(field("num_args", &Join::num_args, required, at_least(1), "Inputs."));
};

template <class P>
const P& as(const void* params) {
  return *static_cast<const P*>(params);
}

void infer_dense(const void* p, ShapeInference& s) {
  const auto& params = as<Dense>(p);
  const Shape data = s.shape(in(0)), output = s.shape(out(0));
  if (data.ndim() == 2) {
    s.set(in(1), {params.num_hidden, data[1]},
          [&] { return concat("data is ", data, " and num_hidden is ", params.num_hidden); });
    s.set(out(0), {data[0], params.num_hidden});
  }
  if (output.ndim() == 2) s.set(in(0), {output[0], 0});
  if (s.shape(in(1)).ndim() == 2) s.set(in(0), {0, s.shape(in(1))[1]});
  if (!params.no_bias) s.set(in(2), {params.num_hidden});
}

void unify_all_shapes(const void*, ShapeInference& s) {
  for (int i = 1; i < s.num_in(); ++i) s.unify(in(0), in(i));
  s.unify(in(0), out(0));
}

void infer_norm(const void*, ShapeInference& s) {
  s.unify(in(0), out(0));
  if (s.shape(in(0)).ndim() < 2) return;
  const Shape channels{s.shape(in(0))[1]};
  for (Slot slot : {in(1), aux(0), aux(1), out(1)}) s.set(slot, channels);
}

void infer_split(const void* p, ShapeInference& s) {
  const int parts = as<Split>(p).num_outputs;
  const Shape data = s.shape(in(0));
  if (data.empty()) return;
  if (data[0] % parts != 0) s.fail(concat("data ", data, " cannot be cut into ", parts, " parts."));
  Shape part = data;
  part[0] /= parts;
  for (int i = 0; i < parts; ++i) s.set(out(i), part);
}

void infer_loss(const void*, ShapeInference& s) {
  s.unify(in(0), out(0));
  if (!s.shape(in(0)).empty()) s.set(in(1), {s.shape(in(0))[0]});
}

std::unique_ptr<OpRecord> record(std::string name) {
  auto made = std::make_unique<OpRecord>();
  made->name = std::move(name);
  made->doc = "For tests.";
  made->schema = make_schema<NoParams>();
  made->inputs = [](const void*) { return Names{"data"}; };
  made->auxiliaries = [](const void*) { return Names{}; };
  made->outputs = [](const void*) { return Names{"output"}; };
  made->num_visible = [](const void*) { return 1; };
  made->infer_shape = unify_all_shapes;
  made->infer_type = [](const void*, TypeInference& t) { t.unify_all(); };
  return made;
}

OpRecord& add(std::unique_ptr<OpRecord> made) {
  return OpRegistry::instance().add(std::move(made));
}

void add_kernel_gradient(OpRecord& op, std::vector<Slot> (*reads)(const void*)) {
  op.gradient_kind = GradientKind::kernel;
  op.backward_reads = reads;
  auto backward = std::make_unique<OpRecord>();
  backward->name = "_backward_" + op.name;
  backward->forward = &op;
  op.backward = &add(std::move(backward));
}

void add_dense() {
  auto op = record("test_dense");
  op->aliases = {"test_linear"};
  op->schema = make_schema<Dense>();
  op->inputs = [](const void* p) {
    return as<Dense>(p).no_bias ? Names{"data", "weight"} : Names{"data", "weight", "bias"};
  };
  op->infer_shape = infer_dense;
  add_kernel_gradient(add(std::move(op)),
                      [](const void*) { return std::vector{out_grad(0), in(0), in(1)}; });
}

void add_act() {
  auto op = record("test_act");
  op->schema = make_schema<ActParams>();
  add_kernel_gradient(add(std::move(op)),
                      [](const void*) { return std::vector{out_grad(0), out(0)}; });
}

void add_add() {
  auto op = record("test_add");
  op->aliases = {"_Test_Plus"};
  op->inputs = [](const void*) { return Names{"lhs", "rhs"}; };
  op->gradient_kind = GradientKind::graph;
  op->compose_gradient = [](const void*, GradientBuilder& g) {
    g.set_in_grad(0, g.out_grad(0));
    g.set_in_grad(1, g.out_grad(0));
  };
  add(std::move(op));
}

void add_norm() {
  auto op = record("test_norm");
  op->inputs = [](const void*) { return Names{"data", "gamma"}; };
  op->auxiliaries = [](const void*) { return Names{"mean", "var"}; };
  op->outputs = [](const void*) { return Names{"output", "saved"}; };
  op->variable_defaults = {{"mean", "[\"zero\", {}]"}, {"var", "[\"one\", {}]"}};
  op->infer_shape = infer_norm;
  add_kernel_gradient(add(std::move(op)), [](const void*) {
    return std::vector{out_grad(0), in(0), in(1), out(1), aux(0), aux(1)};
  });
}

void add_split() {
  auto op = record("test_split");
  op->schema = make_schema<Split>();
  op->outputs = [](const void* p) {
    Names names;
    for (int i = 0; i < as<Split>(p).num_outputs; ++i) names.push_back(concat("output", i));
    return names;
  };
  op->num_visible = [](const void* p) { return as<Split>(p).num_outputs; };
  op->infer_shape = infer_split;
  add_kernel_gradient(add(std::move(op)), [](const void* p) {
    std::vector<Slot> slots;
    for (int i = 0; i < as<Split>(p).num_outputs; ++i) slots.push_back(out_grad(i));
    return slots;
  });
}

void add_join() {
  auto op = record("test_join");
  op->schema = make_schema<Join>();
  op->count_param = "num_args";
  op->inputs = [](const void* p) {
    Names names;
    for (int i = 0; i < as<Join>(p).num_args; ++i) names.push_back(concat("arg", i));
    return names;
  };
  op->gradient_kind = GradientKind::graph;
  op->compose_gradient = [](const void* p, GradientBuilder& g) {
    for (int i = 0; i < as<Join>(p).num_args; ++i) g.set_in_grad(i, g.out_grad(0));
  };
  add(std::move(op));
}

void add_loss() {
  auto op = record("test_loss");
  op->inputs = [](const void*) { return Names{"data", "label"}; };
  op->infer_shape = infer_loss;
  op->is_loss = true;
  add_kernel_gradient(add(std::move(op)), [](const void*) { return std::vector{out(0), in(1)}; });
}

bool register_all() {
  add_dense();
  add_act();
  add_add();
  add_norm();
  add_split();
  add_join();
  add_loss();
  auto stop = record("test_stop");
  stop->gradient_kind = GradientKind::zero;
  add(std::move(stop));
  add(record("test_opaque"));
  return true;
}

}  // namespace

void register_test_operators() { [[maybe_unused]] static const bool done = register_all(); }

Symbol make(std::string_view op, std::initializer_list<Symbol> inputs, const ParamText& params,
            std::string_view name, const Attributes& attributes) {
  register_test_operators();
  return compose(op, params, std::span<const Symbol>(inputs.begin(), inputs.size()), {}, name,
                 attributes);
}

}  // namespace treadle::testing
