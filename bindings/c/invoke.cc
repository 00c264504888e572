// Imperative calls of operators, and their gradients.
#include "treadle/bindings/c/call.h"
#include "treadle/bindings/imperative.h"

using namespace treadle;
using namespace treadle::c;

namespace {

std::vector<Array> read_inputs(const Call& call, const std::string& op, const ParamText& params,
                               TreadleNDArray* const* inputs, const char* const* names,
                               size_t count) {
  std::vector<Array> positional = call.held_list(inputs, count, "an input");
  if (names == nullptr) return positional;
  std::map<std::string, Array> named;
  size_t num_positional = 0;
  for (size_t i = 0; i < count; ++i) {
    if (names[i] == nullptr) {
      if (!named.empty()) call.fail("input ", i, " is given by position behind one with a name.");
      ++num_positional;
    } else if (!named.emplace(names[i], positional[i]).second) {
      call.fail("the input '", names[i], "' is given twice.");
    }
  }
  positional.resize(num_positional);
  return order_inputs(op, params, std::move(positional), named);
}

// Straight into the caller's array: one allocation less on the way of every call.
void give_handles(std::vector<Array> arrays, TreadleNDArray** outputs) {
  size_t given = 0;
  try {
    for (; given < arrays.size(); ++given) {
      outputs[given] = make_handle<TreadleNDArray>(std::move(arrays[given]));
    }
  } catch (...) {
    while (given-- > 0) free_handle(std::exchange(outputs[given], nullptr));
    throw;
  }
}

std::vector<Array> gradients_or_ones(const Call& call, TreadleNDArray* const* gradients,
                                     size_t count) {
  if (gradients == nullptr) return {};
  return call.arrays_with_gaps(gradients, count, "a head gradient");
}

}  // namespace

TreadleStatus treadle_invoke(const char* op, const TreadlePair* params, size_t num_params,
                             TreadleNDArray* const* inputs, size_t num_inputs,
                             TreadleNDArray** outputs, size_t count,
                             const TreadleInvokeOptions* options) {
  return guard(__func__, [&](const Call& call) {
    const std::string name = call.text(op, "op");
    const TreadleInvokeOptions chosen = call.options(options);
    const ParamText text = call.pairs(params, num_params, "params");
    const std::vector<Array> given =
        read_inputs(call, name, text, inputs, chosen.input_names, num_inputs);
    call.list(outputs, count, "outputs");
    const size_t num_targets = size_t(std::find(outputs, outputs + count, nullptr) - outputs);
    const std::vector<Array> targets = call.held_list(outputs, num_targets, "an output");

    std::vector<Array> made =
        invoke(name, text, given,
               {.mode = is_training() ? Mode::train : Mode::infer,
                .outputs = targets,
                .device = chosen.device.kind == 0 ? cpu() : call.device(chosen.device)});
    if (num_targets > 0) {
      // Only the handles learn where their values come from; the memory is theirs already.
      for (size_t i = 0; is_recording() && i < made.size(); ++i) {
        call.held(outputs[i], "an output").set_origin(made[i].origin());
      }
      return;
    }
    if (made.size() > count) {
      call.fail(name, " has ", made.size(), " outputs, but there is room for ", count,
                "; treadle_num_outputs tells how many there are.");
    }
    give_handles(std::move(made), outputs);
  });
}

TreadleStatus treadle_num_outputs(const char* op, const TreadlePair* params, size_t num_params,
                                  size_t num_inputs, size_t* count) {
  return guard(__func__, [&](const Call& call) {
    call.require(count, "count");
    const OpRecord& record = OpRegistry::instance().get(call.text(op, "op"));
    ParamText text = call.pairs(params, num_params, "params");
    if (!record.count_param.empty()) text.emplace(record.count_param, std::to_string(num_inputs));
    const auto parsed = record.schema.parse(text, record.name);
    *count = size_t(record.num_visible(parsed.get()));
  });
}

TreadleStatus treadle_set_recording(int32_t is_on, int32_t* before) {
  return guard(__func__, [&](const Call&) {
    const bool was_on = set_recording(is_on != 0);
    if (before != nullptr) *before = was_on;
  });
}

TreadleStatus treadle_set_training(int32_t is_on, int32_t* before) {
  return guard(__func__, [&](const Call&) {
    const bool was_on = set_training(is_on != 0);
    if (before != nullptr) *before = was_on;
  });
}

int32_t treadle_is_recording(void) { return is_recording(); }
int32_t treadle_is_training(void) { return is_training(); }

TreadleStatus treadle_mark_variable(TreadleNDArray* variable, TreadleNDArray* gradient,
                                    TreadleRequest request) {
  return guard(__func__, [&](const Call& call) {
    mark_variable(call.held(variable, "variable"), call.held(gradient, "gradient"),
                  call.request(request, Request::write));
  });
}

TreadleStatus treadle_backward(TreadleNDArray* const* heads, TreadleNDArray* const* head_gradients,
                               size_t num_heads, int32_t retains) {
  return guard(__func__, [&](const Call& call) {
    backward(call.held_list(heads, num_heads, "a head"),
             gradients_or_ones(call, head_gradients, num_heads), retains != 0);
  });
}

TreadleStatus treadle_gradients(TreadleNDArray* const* heads, TreadleNDArray* const* head_gradients,
                                size_t num_heads, TreadleNDArray* const* variables,
                                size_t num_variables, int32_t retains, TreadleNDArray** gradients) {
  return guard(__func__, [&](const Call& call) {
    call.list(gradients, num_variables, "gradients");
    give_handles(gradients_of(call.held_list(heads, num_heads, "a head"),
                              call.held_list(variables, num_variables, "a variable"),
                              gradients_or_ones(call, head_gradients, num_heads), retains != 0),
                 gradients);
  });
}
