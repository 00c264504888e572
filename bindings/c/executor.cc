#include "treadle/executor/executor.h"

#include "treadle/bindings/c/call.h"

using namespace treadle;
using namespace treadle::c;

namespace {

// What both ways of binding are told by the options.
struct BindWishes {
  std::map<std::string, Request, std::less<>> requests;
  Request default_request;
  GroupMap groups;
  const Executor* shares_memory_of;
};

BindWishes read_wishes(const Call& call, const TreadleBindOptions& options) {
  return {.requests = call.named<decltype(BindWishes::requests)>(
              options.requests, options.num_requests, "requests",
              [&](const TreadleNamedRequest& each) {
                return call.request(each.request, Request::write);
              }),
          .default_request = call.request(options.default_request, Request::write),
          .groups = call.named<GroupMap>(
              options.groups, options.num_groups, "groups",
              [&](const TreadleNamedDevice& each) { return call.device(each.device); }),
          .shares_memory_of = options.shares_memory_of == nullptr
                                  ? nullptr
                                  : &call.held(options.shares_memory_of, "shares_memory_of")};
}

using Find = Array (Executor::*)(std::string_view) const;

TreadleStatus give_named(const char* function, TreadleExecutor* executor, Find find,
                         const char* name, TreadleNDArray** array) {
  return guard(function, [&](const Call& call) {
    call.require(array, "array");
    const Executor& held = call.held(executor, "executor");
    *array = make_handle<TreadleNDArray>((held.*find)(call.text(name, "name")));
  });
}

using List = const std::vector<Array>& (Executor::*)() const;

TreadleStatus give_list(const char* function, TreadleExecutor* executor, List list,
                        TreadleNDArray* const** arrays, size_t* count) {
  return guard(function, [&](const Call& call) {
    call.require(arrays, "arrays"), call.require(count, "count");
    NewArrays made;
    for (const Array& array : (call.held(executor, "executor").*list)()) made.add(array);
    give(thread_state().results.arrays(made.take()), arrays, count);
  });
}

}  // namespace

TreadleStatus treadle_executor_simple_bind(TreadleSymbol* symbol, TreadleDevice device,
                                           const TreadleNamedShape* shapes, size_t num_shapes,
                                           const TreadleBindOptions* options,
                                           TreadleExecutor** executor) {
  return guard(__func__, [&](const Call& call) {
    call.require(executor, "executor");
    const TreadleBindOptions chosen = call.options(options);
    const BindWishes wishes = read_wishes(call, chosen);
    const auto known =
        call.named<ShapeMap>(shapes, num_shapes, "shapes", [&](const TreadleNamedShape& each) {
          return call.shape(each.shape.dims, each.shape.ndim, each.name);
        });
    const auto types =
        call.named<TypeMap>(chosen.types, chosen.num_types, "types",
                            [&](const TreadleNamedType& each) { return call.type(each.type); });
    *executor = make_handle<TreadleExecutor>(
        Executor::simple_bind(call.held(symbol, "symbol"), call.device(device), known,
                              {.types = types,
                               .groups = wishes.groups,
                               .requests = wishes.requests,
                               .default_request = wishes.default_request,
                               .memory_budget = chosen.memory_budget,
                               .shares_memory_of = wishes.shares_memory_of}));
  });
}

TreadleStatus treadle_executor_bind(TreadleSymbol* symbol, TreadleDevice device,
                                    const TreadleBindings* arrays,
                                    const TreadleBindOptions* options, TreadleExecutor** executor) {
  return guard(__func__, [&](const Call& call) {
    call.require(executor, "executor");
    const TreadleBindings given = call.options(arrays);
    const TreadleBindOptions chosen = call.options(options);
    const BindWishes wishes = read_wishes(call, chosen);
    if (chosen.num_types > 0) call.fail("types are those of the arrays; leave num_types 0.");
    *executor = make_handle<TreadleExecutor>(Executor::bind(
        call.held(symbol, "symbol"), call.device(device),
        {.groups = wishes.groups,
         .arguments = call.array_map(given.arguments, given.num_arguments, "arguments"),
         .gradients = call.array_map(given.gradients, given.num_gradients, "gradients"),
         .auxiliaries = call.array_map(given.auxiliaries, given.num_auxiliaries, "auxiliaries"),
         .requests = wishes.requests,
         .default_request = wishes.default_request,
         .memory_budget = chosen.memory_budget,
         .shares_memory_of = wishes.shares_memory_of}));
  });
}

void treadle_executor_free(TreadleExecutor* executor) { free_handle(executor); }

TreadleStatus treadle_executor_forward(TreadleExecutor* executor, int32_t is_train,
                                       const TreadleNamedArray* inputs, size_t count) {
  return guard(__func__, [&](const Call& call) {
    Executor& held = call.held(executor, "executor");
    const Mode mode = is_train != 0 ? Mode::train : Mode::infer;
    count == 0 ? held.forward(mode) : held.forward(mode, call.array_map(inputs, count, "inputs"));
  });
}

TreadleStatus treadle_executor_backward(TreadleExecutor* executor,
                                        TreadleNDArray* const* head_gradients, size_t count) {
  return guard(__func__, [&](const Call& call) {
    call.held(executor, "executor")
        .backward(call.arrays_with_gaps(head_gradients, count, "a head gradient"));
  });
}

TreadleStatus treadle_executor_output(TreadleExecutor* executor, const char* name,
                                      TreadleNDArray** array) {
  return give_named(__func__, executor, &Executor::output, name, array);
}
TreadleStatus treadle_executor_argument(TreadleExecutor* executor, const char* name,
                                        TreadleNDArray** array) {
  return give_named(__func__, executor, &Executor::argument, name, array);
}
TreadleStatus treadle_executor_gradient(TreadleExecutor* executor, const char* name,
                                        TreadleNDArray** array) {
  return give_named(__func__, executor, &Executor::gradient, name, array);
}
TreadleStatus treadle_executor_auxiliary(TreadleExecutor* executor, const char* name,
                                         TreadleNDArray** array) {
  return give_named(__func__, executor, &Executor::auxiliary, name, array);
}

TreadleStatus treadle_executor_outputs(TreadleExecutor* executor, TreadleNDArray* const** arrays,
                                       size_t* count) {
  return give_list(__func__, executor, &Executor::outputs, arrays, count);
}
TreadleStatus treadle_executor_arguments(TreadleExecutor* executor, TreadleNDArray* const** arrays,
                                         size_t* count) {
  return give_list(__func__, executor, &Executor::arguments, arrays, count);
}
TreadleStatus treadle_executor_gradients(TreadleExecutor* executor, TreadleNDArray* const** arrays,
                                         size_t* count) {
  return give_list(__func__, executor, &Executor::gradients, arrays, count);
}
TreadleStatus treadle_executor_auxiliaries(TreadleExecutor* executor,
                                           TreadleNDArray* const** arrays, size_t* count) {
  return give_list(__func__, executor, &Executor::auxiliaries, arrays, count);
}

TreadleStatus treadle_executor_allocated_bytes(TreadleExecutor* executor, size_t* bytes) {
  return guard(__func__, [&](const Call& call) {
    call.require(bytes, "bytes") = call.held(executor, "executor").allocated_bytes();
  });
}

TreadleStatus treadle_executor_debug_text(TreadleExecutor* executor, const char** text) {
  return guard(__func__, [&](const Call& call) {
    call.require(text, "text");
    *text = thread_state().results.text(call.held(executor, "executor").program()->debug_str());
  });
}
