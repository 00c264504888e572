// Graphs for the tests of symbol files.
#pragma once

#include "treadle/graph/symbol.h"

namespace treadle::testing {

struct SliceChannelParams {
  int num_outputs = 1;
  static constexpr auto fields = reflect(
      field("num_outputs", &SliceChannelParams::num_outputs, required, between(1, 1000), "Parts."));
};

// An operator of several outputs, as the samples have it, until the library has its own.
inline void register_slice_channel() {
  if (OpRegistry::instance().find("SliceChannel")) return;
  auto op = std::make_unique<OpRecord>();
  op->name = "SliceChannel";
  op->schema = make_schema<SliceChannelParams>();
  op->inputs = [](const void*) { return OpRecord::Names{"data"}; };
  op->auxiliaries = [](const void*) { return OpRecord::Names{}; };
  op->outputs = [](const void* p) {
    OpRecord::Names names;
    const int count = static_cast<const SliceChannelParams*>(p)->num_outputs;
    for (int i = 0; i < count; ++i) names.push_back(concat("output", i));
    return names;
  };
  op->num_visible = [](const void* p) {
    return static_cast<const SliceChannelParams*>(p)->num_outputs;
  };
  op->infer_shape = [](const void*, ShapeInference&) {};
  op->infer_type = [](const void*, TypeInference& t) { t.unify_all(); };
  OpRegistry::instance().add(std::move(op));
}

inline Symbol make(std::string_view op, std::initializer_list<Symbol> inputs,
                   const ParamText& params = {}, std::string_view name = {},
                   const Attributes& attributes = {}) {
  return compose(op, params, std::span<const Symbol>(inputs.begin(), inputs.size()), {}, name,
                 attributes);
}

}  // namespace treadle::testing
