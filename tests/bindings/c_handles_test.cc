// Handles that are no good are refused by every function that takes one; none of them is touched.
#include <functional>
#include <string>

#include "treadle/bindings/c/handles.h"
#include "treadle/tests/bindings/c_testing.h"

namespace treadle::testing {
namespace {

template <class Type>
struct Use {
  const char* function;
  std::function<TreadleStatus(Type*)> call;
};

// What the calls write to; they must not.
struct Sink {
  TreadleNDArray* array = nullptr;
  TreadleNDArray* const* arrays = nullptr;
  TreadleSymbol* symbol = nullptr;
  TreadleExecutor* executor = nullptr;
  const char* text = nullptr;
  const char* const* texts = nullptr;
  const TreadlePair* pairs = nullptr;
  const TreadleNodeAttribute* attributes = nullptr;
  TreadleInferredShapes shapes = {};
  TreadleInferredTypes types = {};
  TreadleShape shape = {};
  TreadleDevice device = {};
  int32_t number = 0;
  int64_t elements = 0;
  size_t size = 0;
  void* address = nullptr;
} sink;

const std::vector<Use<TreadleNDArray>> array_uses = {
    {"clone", [](auto* a) { return treadle_ndarray_clone(a, &sink.array); }},
    {"shape", [](auto* a) { return treadle_ndarray_shape(a, &sink.shape); }},
    {"type", [](auto* a) { return treadle_ndarray_type(a, &sink.number); }},
    {"device", [](auto* a) { return treadle_ndarray_device(a, &sink.device); }},
    {"size", [](auto* a) { return treadle_ndarray_size(a, &sink.elements); }},
    {"bytes", [](auto* a) { return treadle_ndarray_bytes(a, &sink.size); }},
    {"copy_from_host", [](auto* a) { return treadle_ndarray_copy_from_host(a, &sink, 4); }},
    {"copy_to_host", [](auto* a) { return treadle_ndarray_copy_to_host(a, &sink, 4); }},
    {"data", [](auto* a) { return treadle_ndarray_data(a, &sink.address); }},
    {"wait", [](auto* a) { return treadle_ndarray_wait(a); }},
    {"fill", [](auto* a) { return treadle_ndarray_fill(a, 1); }},
    {"copy_from", [](auto* a) { return treadle_ndarray_copy_from(a, a); }},
    {"copy", [](auto* a) { return treadle_ndarray_copy(a, treadle_cpu(0), &sink.array); }},
    {"as_type", [](auto* a) { return treadle_ndarray_as_type(a, 0, &sink.array); }},
    {"reshape", [](auto* a) { return treadle_ndarray_reshape(a, nullptr, 0, &sink.array); }},
    {"slice", [](auto* a) { return treadle_ndarray_slice(a, 0, 1, &sink.array); }},
    {"save",
     [](auto* a) {
       const TreadleNamedArray named = {"a", a};
       return treadle_ndarray_save("never-written", &named, 1);
     }},
    {"treadle_invoke",
     [](auto* a) { return treadle_invoke("exp", nullptr, 0, &a, 1, &sink.array, 1, nullptr); }},
    {"treadle_mark_variable", [](auto* a) { return treadle_mark_variable(a, a, 0); }},
    {"treadle_backward", [](auto* a) { return treadle_backward(&a, nullptr, 1, 0); }},
    {"treadle_gradients",
     [](auto* a) { return treadle_gradients(&a, nullptr, 1, &a, 1, 0, &sink.array); }},
};

const std::vector<Use<TreadleSymbol>> symbol_uses = {
    {"compose",
     [](auto* s) {
       return treadle_symbol_compose("exp", nullptr, 0, &s, nullptr, 1, nullptr, &sink.symbol);
     }},
    {"group", [](auto* s) { return treadle_symbol_group(&s, 1, &sink.symbol); }},
    {"output", [](auto* s) { return treadle_symbol_output(s, 0, &sink.symbol); }},
    {"output_named", [](auto* s) { return treadle_symbol_output_named(s, "x", &sink.symbol); }},
    {"internals", [](auto* s) { return treadle_symbol_internals(s, &sink.symbol); }},
    {"children", [](auto* s) { return treadle_symbol_children(s, &sink.symbol); }},
    {"copy", [](auto* s) { return treadle_symbol_copy(s, &sink.symbol); }},
    {"substitute", [](auto* s) { return treadle_symbol_substitute(s, nullptr, 0, &sink.symbol); }},
    {"name", [](auto* s) { return treadle_symbol_name(s, &sink.text); }},
    {"num_outputs", [](auto* s) { return treadle_symbol_num_outputs(s, &sink.size); }},
    {"list_arguments",
     [](auto* s) { return treadle_symbol_list_arguments(s, &sink.texts, &sink.size); }},
    {"list_outputs",
     [](auto* s) { return treadle_symbol_list_outputs(s, &sink.texts, &sink.size); }},
    {"list_auxiliaries",
     [](auto* s) { return treadle_symbol_list_auxiliaries(s, &sink.texts, &sink.size); }},
    {"list_inputs", [](auto* s) { return treadle_symbol_list_inputs(s, &sink.texts, &sink.size); }},
    {"attribute", [](auto* s) { return treadle_symbol_attribute(s, "k", &sink.text); }},
    {"set_attribute", [](auto* s) { return treadle_symbol_set_attribute(s, "k", "v"); }},
    {"list_attributes",
     [](auto* s) { return treadle_symbol_list_attributes(s, &sink.pairs, &sink.size); }},
    {"all_attributes",
     [](auto* s) { return treadle_symbol_all_attributes(s, &sink.attributes, &sink.size); }},
    {"infer_shapes",
     [](auto* s) { return treadle_symbol_infer_shapes(s, nullptr, 0, 1, &sink.shapes, nullptr); }},
    {"infer_types",
     [](auto* s) { return treadle_symbol_infer_types(s, nullptr, 0, &sink.types, nullptr); }},
    {"to_json", [](auto* s) { return treadle_symbol_to_json(s, &sink.text); }},
    {"save", [](auto* s) { return treadle_symbol_save(s, "never-written"); }},
    {"debug_text", [](auto* s) { return treadle_symbol_debug_text(s, &sink.text); }},
    {"simple_bind",
     [](auto* s) {
       return treadle_executor_simple_bind(s, treadle_cpu(0), nullptr, 0, nullptr, &sink.executor);
     }},
    {"bind",
     [](auto* s) {
       const TreadleBindings none = {sizeof none, nullptr, nullptr, nullptr, 0, 0, 0};
       return treadle_executor_bind(s, treadle_cpu(0), &none, nullptr, &sink.executor);
     }},
};

const std::vector<Use<TreadleExecutor>> executor_uses = {
    {"forward", [](auto* e) { return treadle_executor_forward(e, 1, nullptr, 0); }},
    {"backward", [](auto* e) { return treadle_executor_backward(e, nullptr, 0); }},
    {"output", [](auto* e) { return treadle_executor_output(e, "x", &sink.array); }},
    {"argument", [](auto* e) { return treadle_executor_argument(e, "x", &sink.array); }},
    {"gradient", [](auto* e) { return treadle_executor_gradient(e, "x", &sink.array); }},
    {"auxiliary", [](auto* e) { return treadle_executor_auxiliary(e, "x", &sink.array); }},
    {"outputs", [](auto* e) { return treadle_executor_outputs(e, &sink.arrays, &sink.size); }},
    {"arguments", [](auto* e) { return treadle_executor_arguments(e, &sink.arrays, &sink.size); }},
    {"gradients", [](auto* e) { return treadle_executor_gradients(e, &sink.arrays, &sink.size); }},
    {"auxiliaries",
     [](auto* e) { return treadle_executor_auxiliaries(e, &sink.arrays, &sink.size); }},
    {"allocated_bytes", [](auto* e) { return treadle_executor_allocated_bytes(e, &sink.size); }},
    {"debug_text", [](auto* e) { return treadle_executor_debug_text(e, &sink.text); }},
};

// `dead` was freed, `other` is a handle of another kind.
template <class Type>
void check(const std::vector<Use<Type>>& uses, const char* noun, Type* dead, void* other) {
  const std::string expected = concat(noun, " is expected");
  int on_stack = 0;
  for (const Use<Type>& use : uses) {
    INFO(use.function);
    refuses(use.call(nullptr), {use.function, "is NULL", expected});
    refuses(use.call(dead), {use.function, "was freed before", expected});
    refuses(use.call(static_cast<Type*>(other)), {use.function, " is a", expected});
    refuses(use.call(reinterpret_cast<Type*>(&on_stack)),
            {use.function, "no handle that this library has given", expected});
    refuses(use.call(reinterpret_cast<Type*>(uintptr_t(7))), {"no handle", expected});
  }
}

TEST_CASE("every function refuses arrays that are none", "[bindings][c]") {
  TreadleNDArray* dead = nullptr;
  ok(treadle_ndarray_full(nullptr, 0, 1, TREADLE_FLOAT32, treadle_cpu(0), &dead));
  treadle_ndarray_free(dead);
  const SymbolHandle other = variable("x");
  check(array_uses, "an array", dead, static_cast<TreadleSymbol*>(other));
  REQUIRE(sink.array == nullptr);
}

TEST_CASE("every function refuses symbols that are none", "[bindings][c]") {
  TreadleSymbol* dead = nullptr;
  ok(treadle_symbol_variable("x", &dead));
  treadle_symbol_free(dead);
  const ArrayHandle other = make({1}, 0);
  check(symbol_uses, "a symbol", dead, static_cast<TreadleNDArray*>(other));
  REQUIRE(sink.symbol == nullptr);
  REQUIRE(sink.executor == nullptr);
}

TEST_CASE("every function refuses executors that are none", "[bindings][c]") {
  const SymbolHandle x = variable("x");
  const int64_t dims[] = {1};
  const TreadleNamedShape shape = {"x", {dims, 1}};
  TreadleExecutor* dead = nullptr;
  ok(treadle_executor_simple_bind(x, treadle_cpu(0), &shape, 1, nullptr, &dead));
  treadle_executor_free(dead);
  check(executor_uses, "an executor", dead, static_cast<TreadleSymbol*>(x));
  REQUIRE(sink.array == nullptr);
}

TEST_CASE("freeing twice, freeing NULL and freeing another kind do nothing", "[bindings][c]") {
  const int64_t before = treadle_live_handles();
  ArrayHandle kept = make({1}, 5);
  TreadleNDArray* twice = nullptr;
  ok(treadle_ndarray_clone(kept, &twice));
  REQUIRE(treadle_live_handles() == before + 2);
  treadle_ndarray_free(twice);
  treadle_ndarray_free(twice);
  treadle_ndarray_free(nullptr);
  treadle_symbol_free(reinterpret_cast<TreadleSymbol*>(static_cast<TreadleNDArray*>(kept)));
  REQUIRE(treadle_live_handles() == before + 1);
  REQUIRE(values_of(kept) == std::vector<float>{5});
}

TEST_CASE("a slot that is used again has another handle", "[bindings][c]") {
  c::HandleTable table;
  int object = 0;
  uintptr_t before = table.add(c::HandleKind::array, &object);
  for (int i = 0; i < 3; ++i) {
    REQUIRE(table.remove(before, c::HandleKind::array) == &object);
    REQUIRE(table.remove(before, c::HandleKind::array) == nullptr);
    const uintptr_t now = table.add(c::HandleKind::array, &object);
    REQUIRE(now != before);
    REQUIRE(table.find(before, c::HandleKind::array) == nullptr);
    REQUIRE(table.find(now, c::HandleKind::symbol) == nullptr);
    REQUIRE(table.find(now, c::HandleKind::array) == &object);
    before = now;
  }
  std::vector<uintptr_t> many;
  for (int i = 0; i < 10000; ++i) many.push_back(table.add(c::HandleKind::symbol, &object));
  REQUIRE(table.num_live() == 10001);
  for (uintptr_t each : many) {
    REQUIRE(each < (uintptr_t(1) << 47));
    REQUIRE(table.remove(each, c::HandleKind::symbol) == &object);
  }
  REQUIRE(table.num_live() == 1);
}

}  // namespace
}  // namespace treadle::testing
