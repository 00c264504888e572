// What _ravel_multi_index and _unravel_index share: an array's shape whose first extent is left
// open.
#pragma once

#include "treadle/operators/arithmetic.h"
#include "treadle/operators/dispatch.h"
#include "treadle/operators/op.h"

namespace treadle::ops {

struct Raveled {
  static constexpr auto inputs = names("data");
  static constexpr TypeSet types = numeric_types;
  static constexpr bool zero_gradient = true;
  static constexpr bool overwrites = true;

  struct Params {
    Shape shape;
    static constexpr auto fields =
        reflect(field("shape", &Params::shape, at_least(-1),
                      "The shape of the array; its first extent does not matter and may be -1."));
  };

 protected:
  static void check_extents(const Params& p, ShapeInference& s) {
    if (p.shape.empty()) s.fail("shape is empty; the shape of the array is expected.");
    for (int i = 0; i < p.shape.ndim(); ++i) {
      if (p.shape[i] < (i == 0 ? -1 : 1)) {
        s.fail(concat("shape is ", p.shape,
                      "; extents of at least 1 are expected, but for the first."));
      }
    }
  }

  template <class T>
  static int64_t index(T value) {
    if constexpr (std::is_integral_v<T>) {
      return int64_t(value);
    } else {
      return saturate<int64_t>(double(value));
    }
  }
};

}  // namespace treadle::ops
