// What the operators of this folder have in common: matrices on the last two axes, all others
// number them.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "treadle/device/pool.h"
#include "treadle/operators/elementwise.h"
#include "treadle/operators/linalg/dense.h"

namespace treadle::ops {

inline constexpr TypeSet real_types{DType::f32, DType::f64};

struct LinearAlgebra {
  static constexpr TypeSet types = real_types;
  static constexpr bool overwrites = true;
};

// How many matrices an array is, and their size.
struct Matrices {
  int64_t count = 1, rows = 1, columns = 1;
  explicit Matrices(const Shape& shape)
      : count(shape.elements(0, shape.ndim() - 2)),
        rows(shape[shape.ndim() - 2]),
        columns(shape[shape.ndim() - 1]) {}
  int64_t size() const { return rows * columns; }
};

// Calls body(T()) with float or double.
template <class Body>
void with_real(DType type, const Body& body) {
  if (type == DType::f32) return body(float());
  body(double());
}

// Calls body(i) for each matrix, several at a time where they are many or large.
template <class Body>
void each_matrix(Pool& pool, const Matrices& m, const Body& body) {
  const int64_t work = m.size() * std::max(m.rows, m.columns);
  pool.parallel_for(0, m.count, std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, work)),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t i = begin; i < end; ++i) body(i);
                    });
}

// Refuses an input that is not an array of matrices, or not of square ones.
inline void check_matrices(const ShapeInference& s, Slot slot, bool are_square) {
  const Shape& shape = s.shape(slot);
  if (shape.empty()) return;
  const int n = shape.ndim();
  if (n < 2)
    s.fail(concat(s.name(slot), " has shape ", shape, "; at least two axes are expected."));
  if (!are_square || shape[n - 2] == shape[n - 1] || shape[n - 2] == 0 || shape[n - 1] == 0) return;
  s.fail(concat(s.name(slot), " has shape ", shape, "; square matrices are expected."));
}

// `shape` without its last `count` axes; (1) where nothing is left.
inline Shape without_last(const Shape& shape, int count) {
  if (shape.ndim() <= count) return Shape{1};
  return Shape(shape.dims().first(size_t(shape.ndim() - count)));
}

}  // namespace treadle::ops
