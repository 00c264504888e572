// Products of stacked matrices whose rows may lie on any axis: what gemm and gemm2 share.
#pragma once

#include "treadle/operators/linalg/families.h"

namespace treadle::ops {

// An array as matrices (outer, rows, between, columns): one for each outer and between.
template <class T>
struct Stacked {
  T* data = nullptr;
  int64_t outer = 1, rows = 1, between = 1, columns = 1;

  Stacked(const Tensor& tensor, int axis) : data(tensor.as<T>()) {
    const Shape& shape = tensor.shape();
    const int k = axis < 0 ? axis + shape.ndim() : axis, last = shape.ndim() - 1;
    outer = shape.elements(0, k);
    rows = shape[k];
    between = shape.elements(k + 1, last);
    columns = shape[last];
  }
  int64_t count() const { return outer * between; }
  int64_t row_pitch() const { return between * columns; }
  T* matrix(int64_t i) const {
    return data + i / between * rows * row_pitch() + i % between * columns;
  }
};

template <class T>
struct Factor {
  const Stacked<T>& matrices;
  bool is_transposed;

  int64_t rows() const { return is_transposed ? matrices.columns : matrices.rows; }
  int64_t columns() const { return is_transposed ? matrices.rows : matrices.columns; }
  blas::Matrix<T> matrix(int64_t i) const {
    const int64_t pitch = matrices.row_pitch();
    return is_transposed ? blas::transposed<T>(matrices.matrix(i), pitch)
                         : blas::row_major<T>(matrices.matrix(i), pitch);
  }
};

// to = alpha * a * b + extra(i), element by element of `to`.
template <class T, class Extra>
void product(Pool& pool, Factor<T> a, Factor<T> b, T alpha, const Tensor& to, int axis,
             const Extra& extra) {
  const Stacked<T> made(to, axis);
  const int64_t m = a.rows(), n = b.columns(), k = a.columns(), pitch = made.row_pitch();
  // One large product is cut inside, many small ones are shared out.
  const bool is_single = made.count() == 1;
  const int64_t grain = std::max<int64_t>(1, (1 << 15) / std::max<int64_t>(1, m * n * k));
  const auto one = [&](int64_t i) {
    T* const c = made.matrix(i);
    if (is_single) {
      blas::gemm<T>(pool, m, n, k, a.matrix(i), b.matrix(i), c, pitch, false);
    } else {
      blas::gemm<T>(m, n, k, a.matrix(i), b.matrix(i), c, pitch, false);
    }
    for (int64_t row = 0; row < m; ++row) {
      for (int64_t j = 0; j < n; ++j) {
        T& element = c[row * pitch + j];
        element = alpha * element + extra(&element - made.data);
      }
    }
  };
  pool.parallel_for(0, made.count(), grain, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) one(i);
  });
}

// The gradients of A and B in alpha * op(A) * op(B).
template <class Params, DeviceKind D>
void product_backward(const Params& p, Call<D>& call) {
  with_real(call.read(out_grad(0)).type(), [&](auto value) {
    using T = decltype(value);
    const auto none = [](int64_t) { return T(0); };
    const Stacked<T> dy(call.read(out_grad(0)), p.axis);
    const Stacked<T> a(call.read(in(0)), p.axis), b(call.read(in(1)), p.axis);
    const T alpha = T(p.alpha);
    const bool ta = p.transpose_a, tb = p.transpose_b;
    if (call.is_wanted(in_grad(0))) {
      const Tensor da = call.write(in_grad(0));
      ta ? product<T>(call.pool(), {b, tb}, {dy, true}, alpha, da, p.axis, none)
         : product<T>(call.pool(), {dy, false}, {b, !tb}, alpha, da, p.axis, none);
    }
    if (call.is_wanted(in_grad(1))) {
      const Tensor db = call.write(in_grad(1));
      tb ? product<T>(call.pool(), {dy, true}, {a, ta}, alpha, db, p.axis, none)
         : product<T>(call.pool(), {a, !ta}, {dy, false}, alpha, db, p.axis, none);
    }
  });
}

// States the shapes of op(A) * op(B), and of C where there is one.
void infer_product_shape(ShapeInference& s, int axis, bool transpose_a, bool transpose_b,
                         bool has_addend);

}  // namespace treadle::ops
