// Every operator through the C interface, on arrays and in a graph, forward and backward: what it
// gives is what C++ gives, to the bit, and what C++ refuses is refused in the same words.
#include <cstring>
#include <set>

#include "treadle/c_api.h"
#include "treadle/executor/autograd.h"
#include "treadle/executor/executor.h"
#include "treadle/graph/op_inputs.h"
#include "treadle/operators/random.h"
#include "treadle/tests/operators/sweep_run.h"

namespace treadle::testing {
namespace {

// One case with its numbers, inputs in the order of callers.
struct Case {
  std::string op;
  ParamText params;
  std::vector<std::string> names;
  std::vector<HostArray> inputs, heads;
  std::set<std::string> states;
  bool has_gradient;
};

Case read_case(const SweepCase& each) {
  Prepared given = prepare(each, DType::f32);
  const OpRecord& op = given.runner.op();
  Case made = {each.op, each.params, {}, {}, {}, {}, op.gradient_kind != GradientKind::none};
  ParamText text = each.params;
  if (!op.count_param.empty()) text.emplace(op.count_param, std::to_string(given.inputs.size()));
  const std::vector<std::string>& stored = given.runner.input_names();  // states last
  for (const OpInput& input : all_inputs(op, op.schema.parse(text, op.name).get())) {
    made.names.push_back(input.name);
    const auto place = std::ranges::find(stored, input.name) - stored.begin();
    made.inputs.push_back(given.inputs[size_t(place)]);
    if (input.is_state()) made.states.insert(input.name);
  }
  for (int i = 0; i < given.runner.num_visible(); ++i) {
    made.heads.push_back(given.heads[size_t(i)]);
  }
  return made;
}

struct Result {
  std::vector<std::string> arrays;  // their bytes
  std::string error;

  bool operator==(const Result&) const = default;
};

// ---- C++ ---------------------------------------------------------------------------------------

Array to_array(const HostArray& host) {
  Array made = Array::empty(host.spec().shape, host.spec().type);
  made.copy_from_host(host.data(), host.bytes());
  return made;
}
void add(Result& result, const Array& array) {
  std::string bytes(array.is_valid() ? array.bytes() : 0, '\0');
  if (array.is_valid()) array.copy_to_host(bytes.data(), bytes.size());
  result.arrays.push_back(std::move(bytes));
}

template <class Body>
Result result_of(const Body& body) {
  Result result;
  try {
    body(result);
  } catch (const Error& error) {
    result.error = error.what();
  }
  return result;
}

// Records the call where the operator has a gradient.
Result invoked_by_cpp(const Case& given) {
  return result_of([&](Result& result) {
    seed_random(3);
    std::vector<Array> inputs, gradients;
    for (size_t i = 0; i < given.inputs.size(); ++i) {
      inputs.push_back(to_array(given.inputs[i]));
      if (!given.has_gradient || given.states.contains(given.names[i])) continue;
      gradients.push_back(Array::zeros(inputs[i].shape(), inputs[i].type()));
      mark_variable(inputs[i], gradients.back());
    }
    std::vector<Array> outputs;
    {
      const Recording on(given.has_gradient);
      outputs = invoke(given.op, given.params, inputs, {.mode = Mode::train});
    }
    for (const Array& output : outputs) add(result, output);
    for (const Array& input : inputs) add(result, input);
    if (gradients.empty()) return;
    std::vector<Array> heads;
    for (const HostArray& head : given.heads) heads.push_back(to_array(head));
    backward(outputs, heads);
    for (const Array& gradient : gradients) add(result, gradient);
  });
}

Result bound_by_cpp(const Case& given) {
  return result_of([&](Result& result) {
    seed_random(3);
    std::map<std::string, Symbol> named;
    ShapeMap shapes;
    TypeMap types;
    for (size_t i = 0; i < given.names.size(); ++i) {
      const std::string name = "in_" + given.names[i];
      named[given.names[i]] = Symbol::variable(name);
      if (given.states.contains(given.names[i])) continue;
      shapes[name] = given.inputs[i].spec().shape;
      types[name] = given.inputs[i].spec().type;
    }
    const Symbol symbol = compose(given.op, given.params, {}, named, "node");
    Executor executor = symbol.simple_bind(
        cpu(), shapes,
        {.types = types, .default_request = given.has_gradient ? Request::write : Request::null});
    for (size_t i = 0; i < given.names.size(); ++i) {
      const std::string name = "in_" + given.names[i];
      const bool is_state = given.states.contains(given.names[i]);
      (is_state ? executor.auxiliary(name) : executor.argument(name))
          .copy_from(to_array(given.inputs[i]));
    }
    executor.forward(Mode::train);
    for (const Array& output : executor.outputs()) add(result, output);
    if (given.has_gradient) {
      std::vector<Array> heads;
      for (const HostArray& head : given.heads) heads.push_back(to_array(head));
      executor.backward(heads);
      for (const Array& gradient : executor.gradients()) add(result, gradient);
    }
    for (const Array& state : executor.auxiliaries()) add(result, state);
  });
}

// ---- C -----------------------------------------------------------------------------------------

// Throws what a failed call says, as C++ does.
void ok(TreadleStatus status) {
  if (status == TREADLE_ERROR) throw Error(treadle_last_error());
  INFO(treadle_last_error());
  REQUIRE(status == TREADLE_OK);
}

struct FreeArray {
  void operator()(TreadleNDArray* array) const { treadle_ndarray_free(array); }
};
struct FreeSymbol {
  void operator()(TreadleSymbol* symbol) const { treadle_symbol_free(symbol); }
};
struct FreeExecutor {
  void operator()(TreadleExecutor* executor) const { treadle_executor_free(executor); }
};
using CArray = std::unique_ptr<TreadleNDArray, FreeArray>;
using CSymbol = std::unique_ptr<TreadleSymbol, FreeSymbol>;
using CExecutor = std::unique_ptr<TreadleExecutor, FreeExecutor>;

CArray to_c_array(const HostArray& host) {
  const Shape& shape = host.spec().shape;
  TreadleNDArray* made = nullptr;
  ok(treadle_ndarray_empty(shape.begin(), shape.ndim(), TreadleDType(host.spec().type),
                           treadle_cpu(0), &made));
  CArray owned(made);
  ok(treadle_ndarray_copy_from_host(made, host.data(), host.bytes()));
  return owned;
}
void add(Result& result, TreadleNDArray* array) {
  std::string bytes;
  if (array != nullptr) {
    size_t count = 0;
    ok(treadle_ndarray_bytes(array, &count));
    bytes.resize(count);
    ok(treadle_ndarray_copy_to_host(array, bytes.data(), count));
  }
  result.arrays.push_back(std::move(bytes));
}
template <class Owned>
auto raw(const std::vector<Owned>& owned) {
  std::vector<typename Owned::pointer> made;
  for (const Owned& each : owned) made.push_back(each.get());
  return made;
}

std::vector<TreadlePair> pairs_of(const ParamText& params) {
  std::vector<TreadlePair> made;
  for (const auto& [key, value] : params) made.push_back({key.c_str(), value.c_str()});
  return made;
}

Result invoked_by_c(const Case& given) {
  return result_of([&](Result& result) {
    ok(treadle_seed(3));
    std::vector<CArray> inputs, gradients;
    for (size_t i = 0; i < given.inputs.size(); ++i) {
      inputs.push_back(to_c_array(given.inputs[i]));
      if (!given.has_gradient || given.states.contains(given.names[i])) continue;
      gradients.push_back(to_c_array(given.inputs[i]));
      ok(treadle_ndarray_fill(gradients.back().get(), 0));
      ok(treadle_mark_variable(inputs[i].get(), gradients.back().get(), TREADLE_REQUEST_DEFAULT));
    }
    const std::vector<TreadlePair> params = pairs_of(given.params);
    size_t count = 0;
    ok(treadle_num_outputs(given.op.c_str(), params.data(), params.size(), inputs.size(), &count));
    std::vector<TreadleNDArray*> outputs(count);
    ok(treadle_set_training(1, nullptr));
    ok(treadle_set_recording(given.has_gradient, nullptr));
    const TreadleStatus status =
        treadle_invoke(given.op.c_str(), params.data(), params.size(), raw(inputs).data(),
                       inputs.size(), outputs.data(), count, nullptr);
    ok(treadle_set_training(0, nullptr));
    ok(treadle_set_recording(0, nullptr));
    ok(status);
    std::vector<CArray> owned;
    for (TreadleNDArray* output : outputs) owned.emplace_back(output);
    for (const CArray& output : owned) add(result, output.get());
    for (const CArray& input : inputs) add(result, input.get());
    if (gradients.empty()) return;
    std::vector<CArray> heads;
    for (const HostArray& head : given.heads) heads.push_back(to_c_array(head));
    ok(treadle_backward(outputs.data(), raw(heads).data(), outputs.size(), 0));
    for (const CArray& gradient : gradients) add(result, gradient.get());
  });
}

// Adds the arrays that an executor lists.
using List = TreadleStatus (*)(TreadleExecutor*, TreadleNDArray* const**, size_t*);
void add_all(Result& result, TreadleExecutor* executor, List list) {
  TreadleNDArray* const* arrays = nullptr;
  size_t count = 0;
  ok(list(executor, &arrays, &count));
  std::vector<CArray> owned;
  for (size_t i = 0; i < count; ++i) owned.emplace_back(arrays[i]);
  for (const CArray& array : owned) add(result, array.get());
}

Result bound_by_c(const Case& given) {
  return result_of([&](Result& result) {
    ok(treadle_seed(3));
    std::vector<CSymbol> variables;
    std::vector<std::string> names;
    std::vector<const char*> roles;
    for (const std::string& name : given.names) names.push_back("in_" + name);
    std::vector<TreadleNamedShape> shapes;
    std::vector<TreadleNamedType> types;
    for (size_t i = 0; i < names.size(); ++i) {
      TreadleSymbol* variable = nullptr;
      ok(treadle_symbol_variable(names[i].c_str(), &variable));
      variables.emplace_back(variable);
      roles.push_back(given.names[i].c_str());
      if (given.states.contains(given.names[i])) continue;
      const TensorSpec& spec = given.inputs[i].spec();
      shapes.push_back({names[i].c_str(), {spec.shape.begin(), spec.shape.ndim()}});
      types.push_back({names[i].c_str(), TreadleDType(spec.type)});
    }
    const std::vector<TreadlePair> params = pairs_of(given.params);
    TreadleSymbol* symbol = nullptr;
    ok(treadle_symbol_compose(given.op.c_str(), params.data(), params.size(), raw(variables).data(),
                              roles.data(), variables.size(), "node", &symbol));
    const CSymbol owned_symbol(symbol);
    TreadleBindOptions options = {};
    options.struct_size = sizeof options;
    options.types = types.data();
    options.num_types = types.size();
    options.default_request = given.has_gradient ? TREADLE_REQUEST_WRITE : TREADLE_REQUEST_NULL;
    TreadleExecutor* executor = nullptr;
    ok(treadle_executor_simple_bind(symbol, treadle_cpu(0), shapes.data(), shapes.size(), &options,
                                    &executor));
    const CExecutor owned_executor(executor);
    for (size_t i = 0; i < names.size(); ++i) {
      TreadleNDArray* array = nullptr;
      const bool is_state = given.states.contains(given.names[i]);
      ok((is_state ? treadle_executor_auxiliary : treadle_executor_argument)(
          executor, names[i].c_str(), &array));
      const CArray owned(array);
      ok(treadle_ndarray_copy_from(array, to_c_array(given.inputs[i]).get()));
    }
    ok(treadle_executor_forward(executor, 1, nullptr, 0));
    add_all(result, executor, treadle_executor_outputs);
    if (given.has_gradient) {
      std::vector<CArray> heads;
      for (const HostArray& head : given.heads) heads.push_back(to_c_array(head));
      ok(treadle_executor_backward(executor, raw(heads).data(), heads.size()));
      add_all(result, executor, treadle_executor_gradients);
    }
    add_all(result, executor, treadle_executor_auxiliaries);
  });
}

void require_same(const Result& found, const Result& expected) {
  REQUIRE(found.error == expected.error);
  const bool has_same_bytes = found.arrays == expected.arrays;
  REQUIRE(has_same_bytes);
}

TEST_CASE("every operator gives the same through C as through C++", "[operators][sweep][c]") {
  const int64_t handles = treadle_live_handles();
  std::set<std::string> invoked, bound;
  int num_refused = 0;
  for_each_case([&](const SweepCase& each) {
    if (each.is_large) return;
    const Case given = read_case(each);
    const std::string name = OpRegistry::instance().get(each.op).name;
    {
      INFO("on arrays");
      const Result expected = invoked_by_cpp(given);
      require_same(invoked_by_c(given), expected);
      expected.error.empty() ? void(invoked.insert(name)) : void(++num_refused);
    }
    {
      INFO("in a graph");
      const Result expected = bound_by_cpp(given);
      require_same(bound_by_c(given), expected);
      expected.error.empty() ? void(bound.insert(name)) : void(++num_refused);
    }
  });
  for (const OpRecord* op : OpRegistry::instance().all()) {
    if (op->name == "_NoGradient") continue;  // its shape follows from what reads it
    INFO(op->name << " was refused in all its cases; " << num_refused << " cases were refused");
    CHECK(invoked.contains(op->name));
    CHECK(bound.contains(op->name));
  }
  REQUIRE(treadle_live_handles() == handles);
}

}  // namespace
}  // namespace treadle::testing
