// Dense linear algebra on matrices in memory, for float and double, built on blas::gemm: the cubic
// part of each runs there. Nothing is called that keeps state, so any number of threads may work on
// different matrices (LAPACK comes with the BLAS that does not bear that, see blas/gemm.h).
#pragma once

#include <cstdint>
#include <vector>

#include "treadle/operators/blas/gemm.h"

namespace treadle::linalg {

// x of lower * x = b in place of b (rows `pitch` apart), for a triangular `lower` of n rows
// wherever it lies; what stands above its diagonal is not read, and the diagonal neither if
// `has_unit_diagonal`. b has n rows of `columns` elements. Rows of 0 on the diagonal give
// infinities.
template <class T>
void solve_lower(int64_t n, int64_t columns, blas::Matrix<T> lower, T* b, int64_t pitch,
                 bool has_unit_diagonal = false);

// How a triangular matrix stands in a product or an equation.
struct Triangle {
  bool is_lower = true;
  bool is_transposed = false;
  bool is_on_right = false;
};
// b (rows by columns, one after another) = x of op(a) x = b, or of x op(a) = b.
template <class T>
void solve_triangle(const T* a, Triangle triangle, T* b, int64_t rows, int64_t columns);
// out = alpha * op(a) * b, or alpha * b * op(a), for such a matrix; out must not be b.
template <class T>
void multiply_triangle(const T* a, Triangle triangle, const T* b, int64_t rows, int64_t columns,
                       T alpha, T* out);

// The lower factor l of a = l * transpose(l) in place of a (n by n), zeros above it. Only the lower
// half of a is read. False where a is not positive definite; a is spoilt then.
template <class T>
bool factor_cholesky(T* a, int64_t n);

// Lower (unit diagonal) and upper factor of a with its rows permuted, in place of a; swapped[i] is
// the row that step i exchanged with row i. A singular matrix has a 0 on the diagonal.
template <class T>
void factor_lu(T* a, int64_t n, std::vector<int64_t>& swapped);
// The inverse of the factored matrix; its diagonal must have no 0.
template <class T>
void invert_lu(const T* lu, const std::vector<int64_t>& swapped, int64_t n, T* inverse);

// a = l * q for rows <= columns: l (rows by rows) lower, rows of q (rows by columns) orthonormal.
template <class T>
void factor_lq(const T* a, int64_t rows, int64_t columns, T* q, T* l);

// Eigenvalues in ascending order, and as rows of u their eigenvectors, of which the largest element
// is positive. Only the lower half of a is read. False where the iteration does not end (NaN).
template <class T>
bool factor_symmetric(const T* a, int64_t n, T* u, T* values);

// c = alpha * op(a) * op(b) + beta * c; op(a) is m by k, op(b) k by n; all row by row.
template <class T>
void multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, T alpha,
              const T* a, const T* b, T beta, T* c);

}  // namespace treadle::linalg
