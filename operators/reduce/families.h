// What the operators of this folder have in common: folding data along some of its axes.
#pragma once

#include <optional>

#include "treadle/graph/gradient.h"
#include "treadle/operators/reduce.h"
#include "treadle/operators/reduce/reduced_shape.h"

namespace treadle::ops {

struct Reduced {
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;

  struct Params {
    std::optional<Shape> axis;
    bool keepdims = false;
    bool exclude = false;
    static constexpr auto fields = reflect(
        field("axis", &Params::axis,
              "The axes to fold, all where none is given; negative ones count from the last."),
        field("keepdims", &Params::keepdims, "Keep folded axes, with extent 1."),
        field("exclude", &Params::exclude, "Fold the axes that are not given."));
  };

  static void infer_shape(const Params& p, ShapeInference& s) {
    infer_reduced_shape(s, p.axis, p.keepdims, p.exclude);
  }
  static Shape kept(const Params& p, const Shape& data) {
    return kept_shape(p.axis, p.exclude, data);
  }
  // The output as an array of the shape of data: each number repeated where it was folded.
  static Viewed repeated(const Params& p, Slot slot, const Shape& data) {
    return Viewed(slot, broadcast_axes(kept(p, data), data));
  }
  static int64_t folded_elements(const Params& p, const Shape& data) {
    return data.elements() / std::max<int64_t>(1, kept(p, data).elements());
  }

  // Among no elements there is none to choose.
  static std::string refuse_empty(const KernelQuery& query) {
    if (query.inputs[0].shape.elements() > 0 || query.outputs[0].shape.elements() == 0) return {};
    return concat("data of shape ", query.inputs[0].shape, " has no element to choose");
  }

  template <DeviceKind D, class F>
  static void fold(const Params& p, Call<D>& call, Folding folding, const F& functor) {
    const Shape& data = call.read(in(0)).shape();
    reduce(call, out(0), data, kept(p, data), folding, functor, in(0));
  }
};

}  // namespace treadle::ops
