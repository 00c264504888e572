// What a symbol tells: names, attributes, shapes and types.
#include "treadle/bindings/c/call.h"
#include "treadle/graph/symbol.h"

using namespace treadle;
using namespace treadle::c;

namespace {

using ListNames = std::vector<std::string> (Symbol::*)() const;

TreadleStatus give_names(const char* function, TreadleSymbol* symbol, ListNames list,
                         const char* const** names, size_t* count) {
  return guard(function, [&](const Call& call) {
    call.require(names, "names"), call.require(count, "count");
    give(thread_state().results.strings((call.held(symbol, "symbol").*list)()), names, count);
  });
}

// Three lists, given as parts of one.
template <class Item, class Inferred, class Lists>
void give_three(std::span<const Item> all, const Lists& lists, Inferred& inferred) {
  inferred.num_arguments = lists.arguments.size();
  inferred.num_outputs = lists.outputs.size();
  inferred.num_auxiliaries = lists.auxiliaries.size();
  inferred.arguments = all.data();
  inferred.outputs = inferred.arguments + inferred.num_arguments;
  inferred.auxiliaries = inferred.outputs + inferred.num_outputs;
}

template <class Lists>
auto joined(const Lists& lists) {
  auto all = lists.arguments;
  all.insert(all.end(), lists.outputs.begin(), lists.outputs.end());
  all.insert(all.end(), lists.auxiliaries.begin(), lists.auxiliaries.end());
  return all;
}

}  // namespace

TreadleStatus treadle_symbol_name(TreadleSymbol* symbol, const char** name) {
  return guard(__func__, [&](const Call& call) {
    call.require(name, "name");
    *name = thread_state().results.text(call.held(symbol, "symbol").name());
  });
}

TreadleStatus treadle_symbol_num_outputs(TreadleSymbol* symbol, size_t* count) {
  return guard(__func__, [&](const Call& call) {
    call.require(count, "count") = size_t(call.held(symbol, "symbol").num_outputs());
  });
}

TreadleStatus treadle_symbol_list_arguments(TreadleSymbol* symbol, const char* const** names,
                                            size_t* count) {
  return give_names(__func__, symbol, &Symbol::list_arguments, names, count);
}
TreadleStatus treadle_symbol_list_outputs(TreadleSymbol* symbol, const char* const** names,
                                          size_t* count) {
  return give_names(__func__, symbol, &Symbol::list_outputs, names, count);
}
TreadleStatus treadle_symbol_list_auxiliaries(TreadleSymbol* symbol, const char* const** names,
                                              size_t* count) {
  return give_names(__func__, symbol, &Symbol::list_auxiliary_states, names, count);
}
TreadleStatus treadle_symbol_list_inputs(TreadleSymbol* symbol, const char* const** names,
                                         size_t* count) {
  return give_names(__func__, symbol, &Symbol::list_inputs, names, count);
}

TreadleStatus treadle_symbol_attribute(TreadleSymbol* symbol, const char* key, const char** value) {
  return guard(__func__, [&](const Call& call) {
    call.require(value, "value");
    std::optional<std::string> found = call.held(symbol, "symbol").attr(call.text(key, "key"));
    *value = found ? thread_state().results.text(std::move(*found)) : nullptr;
  });
}

TreadleStatus treadle_symbol_set_attribute(TreadleSymbol* symbol, const char* key,
                                           const char* value) {
  return guard(__func__, [&](const Call& call) {
    call.held(symbol, "symbol").set_attr(call.text(key, "key"), call.text(value, "value"));
  });
}

TreadleStatus treadle_symbol_list_attributes(TreadleSymbol* symbol, const TreadlePair** attributes,
                                             size_t* count) {
  return guard(__func__, [&](const Call& call) {
    call.require(attributes, "attributes"), call.require(count, "count");
    const Attributes found = call.held(symbol, "symbol").list_attr();
    give(thread_state().results.pairs({found.begin(), found.end()}), attributes, count);
  });
}

TreadleStatus treadle_symbol_all_attributes(TreadleSymbol* symbol,
                                            const TreadleNodeAttribute** attributes,
                                            size_t* count) {
  return guard(__func__, [&](const Call& call) {
    call.require(attributes, "attributes"), call.require(count, "count");
    std::vector<std::array<std::string, 3>> triples;
    for (const auto& [node, found] : call.held(symbol, "symbol").attr_dict()) {
      for (const auto& [key, value] : found) triples.push_back({node, key, value});
    }
    give(thread_state().results.attributes(std::move(triples)), attributes, count);
  });
}

TreadleStatus treadle_symbol_infer_shapes(TreadleSymbol* symbol, const TreadleNamedShape* known,
                                          size_t count, int32_t is_partial,
                                          TreadleInferredShapes* inferred, int32_t* is_complete) {
  return guard(__func__, [&](const Call& call) {
    call.require(inferred, "inferred");
    const auto shapes =
        call.named<ShapeMap>(known, count, "known", [&](const TreadleNamedShape& each) {
          return call.shape(each.shape.dims, each.shape.ndim, each.name);
        });
    const InferredShapes found = call.held(symbol, "symbol").infer_shape(shapes, is_partial != 0);
    give_three(thread_state().results.shapes(joined(found)), found, *inferred);
    if (is_complete != nullptr) *is_complete = found.is_complete;
  });
}

TreadleStatus treadle_symbol_infer_types(TreadleSymbol* symbol, const TreadleNamedType* known,
                                         size_t count, TreadleInferredTypes* inferred,
                                         int32_t* is_complete) {
  return guard(__func__, [&](const Call& call) {
    call.require(inferred, "inferred");
    const auto types = call.named<TypeMap>(
        known, count, "known", [&](const TreadleNamedType& each) { return call.type(each.type); });
    const InferredTypes found = call.held(symbol, "symbol").infer_type(types);
    give_three(thread_state().results.types(joined(found)), found, *inferred);
    if (is_complete != nullptr) *is_complete = found.is_complete;
  });
}

TreadleStatus treadle_symbol_debug_text(TreadleSymbol* symbol, const char** text) {
  return guard(__func__, [&](const Call& call) {
    call.require(text, "text");
    *text = thread_state().results.text(call.held(symbol, "symbol").debug_str());
  });
}
