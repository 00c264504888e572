// What the operators of this folder have in common: an array out of nothing.
#pragma once

#include <string>

#include "treadle/operators/elementwise.h"

namespace treadle::ops {

struct Initial {
  static constexpr std::array<std::string_view, 0> inputs = {};
  static constexpr TypeSet types = all_types;
  template <class Params>
  static void infer_type(const Params& p, TypeInference& t) {
    t.set(out(0), p.dtype);
  }
};

inline constexpr std::string_view ctx_doc =
    "The device, for calls on arrays; an executor computes it where it is bound.";

}  // namespace treadle::ops
