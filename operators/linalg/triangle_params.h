// Parameters and shapes of products and equations with a triangular matrix.
#pragma once

#include "treadle/operators/linalg/families.h"

namespace treadle::ops {

struct TriangleParams {
  bool transpose = false;
  bool rightside = false;
  bool lower = true;
  double alpha = 1;
  static constexpr auto fields =
      reflect(field("transpose", &TriangleParams::transpose, "Whether A is transposed."),
              field("rightside", &TriangleParams::rightside, "Whether A stands on the right."),
              field("lower", &TriangleParams::lower, "Whether A is lower triangular."),
              field("alpha", &TriangleParams::alpha, "Factor of the result."));

  linalg::Triangle triangle() const { return {lower, transpose, rightside}; }
};

// A is square and fits B, which has the output's shape.
inline void infer_triangle_shape(const TriangleParams& p, ShapeInference& s) {
  s.unify(in(1), out(0));
  check_matrices(s, in(0), true);
  check_matrices(s, in(1), false);
  const Shape b = s.shape(in(1));
  if (b.empty()) return;
  Shape a = b;
  a[b.ndim() - 2] = a[b.ndim() - 1] = p.rightside ? b[b.ndim() - 1] : b[b.ndim() - 2];
  s.set(in(0), a, [&] {
    return concat("B has shape ", b, " and A stands on the ", p.rightside ? "right" : "left");
  });
}

// Sets the half of a square matrix to 0 that a triangular one does not have.
template <class T>
void clear_other_half(T* a, int64_t n, bool is_lower) {
  for (int64_t i = 0; i < n; ++i) {
    is_lower ? std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0))
             : std::fill(a + i * n, a + i * n + i, T(0));
  }
}

}  // namespace treadle::ops
