// Making symbols: variables, nodes, parts, copies, files.
#include "treadle/graph/symbol.h"

#include <memory>
#include <vector>

#include "treadle/bindings/c/call.h"
#include "treadle/graph/scope.h"

using namespace treadle;
using namespace treadle::c;

namespace {

// Makes a symbol and gives a handle on it.
template <class Make>
TreadleStatus give_symbol(const char* function, TreadleSymbol** out, const Make& make) {
  return guard(function, [&](const Call& call) {
    call.require(out, "the place for the new handle");
    *out = make_handle<TreadleSymbol>(make(call));
  });
}

// The scopes that a thread has begun. They must end inside out, also when the thread ends.
template <class Scope>
struct Scopes {
  std::vector<std::unique_ptr<Scope>> open;
  ~Scopes() {
    while (!open.empty()) open.pop_back();
  }
};
thread_local Scopes<AttrScope> attribute_scopes;
thread_local Scopes<NameManager> name_scopes;

template <class Scope>
void end_scope(const Call& call, Scopes<Scope>& scopes) {
  if (scopes.open.empty()) call.fail("this thread has begun no scope of this kind.");
  scopes.open.pop_back();
}

}  // namespace

TreadleStatus treadle_symbol_variable(const char* name, TreadleSymbol** variable) {
  return give_symbol(__func__, variable,
                     [&](const Call& call) { return Symbol::variable(call.text(name, "name")); });
}

TreadleStatus treadle_symbol_compose(const char* op, const TreadlePair* params, size_t num_params,
                                     TreadleSymbol* const* inputs, const char* const* input_names,
                                     size_t num_inputs, const char* name, TreadleSymbol** symbol) {
  return give_symbol(__func__, symbol, [&](const Call& call) {
    std::vector<Symbol> positional;
    std::map<std::string, Symbol> named;
    const auto given = call.list(inputs, num_inputs, "inputs");
    for (size_t i = 0; i < given.size(); ++i) {
      const Symbol& input = call.held(given[i], "an input");
      if (input_names != nullptr && input_names[i] != nullptr) {
        if (!named.emplace(input_names[i], input).second) {
          call.fail("the input '", input_names[i], "' is given twice.");
        }
      } else if (named.empty()) {
        positional.push_back(input);
      } else {
        call.fail("input ", i, " is given by position behind one with a name.");
      }
    }
    return compose(call.text(op, "op"), call.pairs(params, num_params, "params"), positional, named,
                   name == nullptr ? "" : name);
  });
}

TreadleStatus treadle_symbol_group(TreadleSymbol* const* members, size_t count,
                                   TreadleSymbol** group) {
  return give_symbol(__func__, group, [&](const Call& call) {
    return Symbol::group(call.held_list(members, count, "a member"));
  });
}

TreadleStatus treadle_symbol_output(TreadleSymbol* symbol, size_t index, TreadleSymbol** output) {
  return give_symbol(__func__, output, [&](const Call& call) {
    const Symbol& held = call.held(symbol, "symbol");
    if (index >= size_t(held.num_outputs())) {
      call.fail("output ", index, " is asked of a symbol with ", held.num_outputs(), ".");
    }
    return held[int(index)];
  });
}

TreadleStatus treadle_symbol_output_named(TreadleSymbol* symbol, const char* name,
                                          TreadleSymbol** output) {
  return give_symbol(__func__, output, [&](const Call& call) {
    return call.held(symbol, "symbol")[std::string_view(call.text(name, "name"))];
  });
}

TreadleStatus treadle_symbol_internals(TreadleSymbol* symbol, TreadleSymbol** internals) {
  return give_symbol(__func__, internals,
                     [&](const Call& call) { return call.held(symbol, "symbol").internals(); });
}

TreadleStatus treadle_symbol_children(TreadleSymbol* symbol, TreadleSymbol** children) {
  return guard(__func__, [&](const Call& call) {
    call.require(children, "the place for the new handle");
    Symbol found = call.held(symbol, "symbol").children();
    *children = found.is_empty() ? nullptr : make_handle<TreadleSymbol>(std::move(found));
  });
}

TreadleStatus treadle_symbol_copy(TreadleSymbol* symbol, TreadleSymbol** copy) {
  return give_symbol(__func__, copy,
                     [&](const Call& call) { return call.held(symbol, "symbol").deep_copy(); });
}

TreadleStatus treadle_symbol_substitute(TreadleSymbol* symbol,
                                        const TreadleNamedSymbol* replacements, size_t count,
                                        TreadleSymbol** made) {
  return give_symbol(__func__, made, [&](const Call& call) {
    const auto by_name = call.named<std::map<std::string, Symbol>>(
        replacements, count, "replacements",
        [&](const TreadleNamedSymbol& each) { return call.held(each.symbol, each.name); });
    return call.held(symbol, "symbol").substitute(by_name);
  });
}

void treadle_symbol_free(TreadleSymbol* symbol) { free_handle(symbol); }

TreadleStatus treadle_attribute_scope_begin(const TreadlePair* attributes, size_t count) {
  return guard(__func__, [&](const Call& call) {
    ParamText given = call.pairs(attributes, count, "attributes");
    attribute_scopes.open.reserve(attribute_scopes.open.size() + 1);
    attribute_scopes.open.push_back(std::make_unique<AttrScope>(std::move(given)));
  });
}

TreadleStatus treadle_attribute_scope_end(void) {
  return guard(__func__, [](const Call& call) { end_scope(call, attribute_scopes); });
}

TreadleStatus treadle_name_scope_begin(const char* prefix) {
  return guard(__func__, [&](const Call&) {
    name_scopes.open.reserve(name_scopes.open.size() + 1);
    if (prefix == nullptr) {
      name_scopes.open.push_back(std::make_unique<NameManager>());
    } else {
      name_scopes.open.push_back(std::make_unique<Prefix>(prefix));
    }
  });
}

TreadleStatus treadle_name_scope_end(void) {
  return guard(__func__, [](const Call& call) { end_scope(call, name_scopes); });
}

TreadleStatus treadle_symbol_to_json(TreadleSymbol* symbol, const char** json) {
  return guard(__func__, [&](const Call& call) {
    call.require(json, "json");
    *json = thread_state().results.text(call.held(symbol, "symbol").to_json());
  });
}

TreadleStatus treadle_symbol_from_json(const char* json, TreadleSymbol** symbol) {
  return give_symbol(__func__, symbol,
                     [&](const Call& call) { return Symbol::from_json(call.text(json, "json")); });
}

TreadleStatus treadle_symbol_save(TreadleSymbol* symbol, const char* path) {
  return guard(__func__, [&](const Call& call) {
    call.held(symbol, "symbol").save(call.text(path, "path"));
  });
}

TreadleStatus treadle_symbol_load(const char* path, TreadleSymbol** symbol) {
  return give_symbol(__func__, symbol,
                     [&](const Call& call) { return Symbol::load(call.text(path, "path")); });
}
