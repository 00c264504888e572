// What the operators between triangles of matrices and vectors share.
#pragma once

#include "treadle/operators/linalg/diagonal.h"

namespace treadle::ops {

struct TriangleVector : LinearAlgebra {
  static constexpr auto inputs = names("A");

  struct Params {
    int64_t offset = 0;
    bool lower = true;
    static constexpr auto fields = reflect(
        field("offset", &Params::offset, between(-1e9, 1e9),
              "Which diagonal the triangle begins at: above 0 to the right of the main one."),
        field("lower", &Params::lower, "Whether the lower triangle is meant, where offset is 0."));

    // Of square matrices of `size` rows.
    auto places(int64_t size) const { return triangle_places(size, offset, lower); }
  };

  static constexpr auto backward_reads = reads(out_grad(0));
};

}  // namespace treadle::ops
