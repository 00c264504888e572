// Each allocation of a call fails once: the call says so, leaks nothing and works afterwards.
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "treadle/tests/bindings/c_testing.h"

namespace {

// Of the calling thread: how many allocations succeed before one fails; -1 for all.
thread_local int until_failure = -1;

void* allocate(size_t bytes, size_t alignment) {
  if (until_failure >= 0 && until_failure-- == 0) throw std::bad_alloc();
  void* const memory =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(bytes)
          : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* try_to_allocate(size_t bytes, size_t alignment) noexcept {
  try {
    return allocate(bytes, alignment);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

// All of them: with sanitizers each allocation must be freed by its counterpart. Where GCC inlines
// some of them, it takes the rest for the library's own.
#define REPLACED [[gnu::noinline]]
REPLACED void* operator new(size_t bytes) { return allocate(bytes, 1); }
REPLACED void* operator new[](size_t bytes) { return allocate(bytes, 1); }
REPLACED void* operator new(size_t bytes, std::align_val_t a) { return allocate(bytes, size_t(a)); }
REPLACED void* operator new[](size_t bytes, std::align_val_t a) {
  return allocate(bytes, size_t(a));
}
REPLACED void* operator new(size_t bytes, const std::nothrow_t&) noexcept {
  return try_to_allocate(bytes, 1);
}
REPLACED void* operator new[](size_t bytes, const std::nothrow_t&) noexcept {
  return try_to_allocate(bytes, 1);
}
REPLACED void* operator new(size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return try_to_allocate(bytes, size_t(a));
}
REPLACED void* operator new[](size_t bytes, std::align_val_t a, const std::nothrow_t&) noexcept {
  return try_to_allocate(bytes, size_t(a));
}
REPLACED void operator delete(void* memory) noexcept { std::free(memory); }
REPLACED void operator delete[](void* memory) noexcept { std::free(memory); }
REPLACED void operator delete(void* memory, size_t) noexcept { std::free(memory); }
REPLACED void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
REPLACED void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
REPLACED void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
REPLACED void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
REPLACED void operator delete[](void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}

namespace treadle::testing {
namespace {

int num_failures = 0;

// Runs `call` with its first allocation failing, then its second and so on, until it succeeds.
// `call` may leave nothing behind.
void fail_each(const char* name, const std::function<TreadleStatus()>& call) {
  INFO(name);
  ok(call());  // what is made once is made
  const int64_t handles = treadle_live_handles();
  for (int n = 0; n < 100000; ++n) {
    until_failure = n;
    const TreadleStatus status = call();
    const bool has_failed = until_failure < 0;
    until_failure = -1;
    if (status != TREADLE_OK) {
      INFO("allocation " << n);
      refuses(status, {""}, TREADLE_OUT_OF_MEMORY);
      REQUIRE(std::string(treadle_last_error()) != "");
      ++num_failures;
    }
    treadle_wait_all();
    REQUIRE(treadle_live_handles() == handles);
    if (!has_failed) break;
  }
  ok(call());
}

TEST_CASE("memory that runs out inside of any call is reported", "[bindings][c]") {
  const ArrayHandle x = make({2, 2}, 1);
  const SymbolHandle data = variable("data");
  const SymbolHandle net =
      node("SoftmaxOutput", {}, {node("FullyConnected", {{"num_hidden", "3"}}, {data}, "fc")}, "s");
  const int64_t dims[] = {2, 2};
  const TreadleNamedShape shape = {"data", {dims, 2}};
  ExecutorHandle executor;
  ok(treadle_executor_simple_bind(net, treadle_cpu(0), &shape, 1, nullptr, executor.out()));

  const SymbolHandle square = node("square", {}, {data}, "sq");
  const ArrayHandle marked = make({2, 2}, 3), gradient = make({2, 2}, 0);
  ok(treadle_mark_variable(marked, gradient, TREADLE_REQUEST_WRITE));
  const char* text = nullptr;
  ok(treadle_symbol_to_json(net, &text));
  const std::string json = text;
  TreadleCustomOperator custom = {};
  custom.struct_size = sizeof custom;
  custom.infer_shape = [](void*, TreadleShapeInference* inference) {
    TreadleShape known = {};
    const auto status = treadle_inference_argument(inference, 0, &known);
    return status ? status : treadle_inference_set_output(inference, 0, known.dims, known.ndim);
  };
  custom.forward = [](void*, const TreadleCustomRun* run) {
    return treadle_ndarray_copy_from(run->outputs[0], run->inputs[0]);
  };
  ok(treadle_custom_register("c_allocation", &custom));

  const auto array = [](auto&& make) {
    return [make] {
      TreadleNDArray* made = nullptr;
      const TreadleStatus status = make(&made);
      treadle_ndarray_free(made);
      return status;
    };
  };
  const auto symbol = [](auto&& make) {
    return [make] {
      TreadleSymbol* made = nullptr;
      const TreadleStatus status = make(&made);
      treadle_symbol_free(made);
      return status;
    };
  };
  fail_each("full", array([&](TreadleNDArray** out) {
              return treadle_ndarray_full(dims, 2, 1, TREADLE_FLOAT32, treadle_cpu(0), out);
            }));
  fail_each("clone", array([&](TreadleNDArray** out) { return treadle_ndarray_clone(x, out); }));
  fail_each("slice",
            array([&](TreadleNDArray** out) { return treadle_ndarray_slice(x, 0, 1, out); }));
  fail_each("variable",
            symbol([&](TreadleSymbol** out) { return treadle_symbol_variable("a", out); }));
  fail_each("compose", symbol([&](TreadleSymbol** out) {
              TreadleSymbol* inputs[] = {data};
              const TreadlePair params[] = {{"num_hidden", "3"}};
              return treadle_symbol_compose("FullyConnected", params, 1, inputs, nullptr, 1,
                                            "a_name_that_is_rather_long", out);
            }));
  fail_each("copy", symbol([&](TreadleSymbol** out) { return treadle_symbol_copy(net, out); }));
  fail_each("list_arguments", [&] {
    const char* const* names = nullptr;
    size_t count = 0;
    return treadle_symbol_list_arguments(net, &names, &count);
  });
  fail_each("infer_shapes", [&] {
    TreadleInferredShapes inferred = {};
    return treadle_symbol_infer_shapes(net, &shape, 1, 0, &inferred, nullptr);
  });
  fail_each("to_json", [&] {
    const char* json = nullptr;
    return treadle_symbol_to_json(net, &json);
  });
  fail_each("operator_json", [&] {
    const char* json = nullptr;
    return treadle_operator_json("FullyConnected", &json);
  });
  fail_each("simple_bind", [&] {
    TreadleExecutor* made = nullptr;
    const auto status =
        treadle_executor_simple_bind(net, treadle_cpu(0), &shape, 1, nullptr, &made);
    treadle_executor_free(made);
    return status;
  });
  fail_each("invoke", array([&](TreadleNDArray** out) {
              TreadleNDArray* inputs[] = {x, x};
              return treadle_invoke("elemwise_add", nullptr, 0, inputs, 2, out, 1, nullptr);
            }));
  fail_each("forward", [&] { return treadle_executor_forward(executor, 1, nullptr, 0); });
  fail_each("backward", [&] {
    const auto status = treadle_executor_forward(executor, 1, nullptr, 0);
    return status ? status : treadle_executor_backward(executor, nullptr, 0);
  });
  fail_each("bind", [&] {
    TreadleExecutor* made = nullptr;
    const TreadleNamedArray argument[] = {{"data", x}};
    const TreadleBindings arrays = {sizeof arrays, argument, argument, nullptr, 1, 1, 0};
    const auto status = treadle_executor_bind(square, treadle_cpu(0), &arrays, nullptr, &made);
    treadle_executor_free(made);
    return status;
  });
  fail_each("data", [&] {
    void* address = nullptr;
    return treadle_ndarray_data(x, &address);
  });
  fail_each("copy_from_host", [&] {
    const float values[4] = {1, 2, 3, 4};
    return treadle_ndarray_copy_from_host(x, values, sizeof values);
  });
  fail_each("copy", array([&](TreadleNDArray** out) {
              return treadle_ndarray_copy(x, treadle_cpu(0), out);
            }));
  fail_each("gradients", array([&](TreadleNDArray** out) {
              TreadleNDArray *head = nullptr, *inputs[] = {marked};
              TreadleStatus status = treadle_set_recording(1, nullptr);
              if (!status) {
                status = treadle_invoke("square", nullptr, 0, inputs, 1, &head, 1, nullptr);
              }
              treadle_set_recording(0, nullptr);
              TreadleNDArray* heads[] = {head};
              if (!status) status = treadle_gradients(heads, nullptr, 1, inputs, 1, 0, out);
              treadle_ndarray_free(head);
              return status;
            }));
  fail_each("save and load", [&] {
    const TreadleNamedArray named[] = {{"a_name_that_is_rather_long", x}};
    TreadleStatus status =
        treadle_ndarray_save(TREADLE_TEST_SCRATCH "/c_allocation.params", named, 1);
    const TreadleNamedArray* loaded = nullptr;
    size_t count = 0;
    if (!status) {
      status = treadle_ndarray_load(TREADLE_TEST_SCRATCH "/c_allocation.params", &loaded, &count);
    }
    if (!status) treadle_ndarray_free(loaded[0].array);
    return status;
  });
  fail_each("from_json", symbol([&](TreadleSymbol** out) {
              return treadle_symbol_from_json(json.c_str(), out);
            }));
  fail_each("all_attributes", [&] {
    const TreadleNodeAttribute* attributes = nullptr;
    size_t count = 0;
    return treadle_symbol_all_attributes(net, &attributes, &count);
  });
  fail_each("scopes", [&] {
    const TreadlePair attributes[] = {{"a_key_that_is_rather_long", "1"}};
    TreadleStatus status = treadle_attribute_scope_begin(attributes, 1);
    if (!status) treadle_attribute_scope_end();
    if (!status) status = treadle_name_scope_begin("a_prefix_that_is_rather_long");
    if (!status) treadle_name_scope_end();
    return status;
  });
  fail_each("custom", array([&](TreadleNDArray** out) {
              TreadleNDArray* inputs[] = {x};
              const TreadlePair params[] = {{"op_type", "c_allocation"}};
              return treadle_invoke("Custom", params, 1, inputs, 1, out, 1, nullptr);
            }));
  ok(treadle_custom_forget("c_allocation"));
  fail_each("outputs", [&] {
    TreadleNDArray* const* arrays = nullptr;
    size_t count = 0;
    const TreadleStatus status = treadle_executor_outputs(executor, &arrays, &count);
    for (size_t i = 0; status == TREADLE_OK && i < count; ++i) treadle_ndarray_free(arrays[i]);
    return status;
  });
  REQUIRE(num_failures > 300);
}

}  // namespace
}  // namespace treadle::testing
