// Triangular systems and products, and the Cholesky factor.
#include <algorithm>
#include <cmath>

#include "treadle/operators/linalg/dense.h"

namespace treadle::linalg {
namespace {

// Below this a matrix is worked on row by row, above it is halved and most becomes a product.
constexpr int64_t block = 32;

template <class T>
blas::Matrix<T> part(blas::Matrix<T> a, int64_t i, int64_t j) {
  return {a.data + i * a.row + j * a.column, a.row, a.column};
}

// c -= a * b; c has rows `pitch` apart.
template <class T>
void subtract_product(int64_t m, int64_t n, int64_t k, blas::Matrix<T> a, blas::Matrix<T> b, T* c,
                      int64_t pitch) {
  std::vector<T> product(static_cast<size_t>(m * n));
  blas::gemm<T>(m, n, k, a, b, product.data(), n, false);
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t j = 0; j < n; ++j) c[i * pitch + j] -= product[size_t(i * n + j)];
  }
}

template <class T>
std::vector<T> transposed_copy(const T* a, int64_t rows, int64_t columns) {
  std::vector<T> made(static_cast<size_t>(rows * columns));
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) made[size_t(j * rows + i)] = a[i * columns + j];
  }
  return made;
}

template <class T>
bool cholesky(T* a, int64_t n, int64_t pitch) {
  if (n <= block) {
    for (int64_t i = 0; i < n; ++i) {
      for (int64_t j = 0; j <= i; ++j) {
        T sum = a[i * pitch + j];
        for (int64_t k = 0; k < j; ++k) sum -= a[i * pitch + k] * a[j * pitch + k];
        if (i > j) {
          a[i * pitch + j] = sum / a[j * pitch + j];
        } else if (sum > T(0)) {
          a[i * pitch + i] = std::sqrt(sum);
        } else {
          return false;
        }
      }
    }
    return true;
  }
  const int64_t half = n / 2, rest = n - half;
  T* const left = a + half * pitch;
  if (!cholesky(a, half, pitch)) return false;
  // left = left * transpose(upper left)^-1, solved as its transpose.
  std::vector<T> columns(static_cast<size_t>(rest * half));
  for (int64_t i = 0; i < rest; ++i) {
    for (int64_t j = 0; j < half; ++j) columns[size_t(j * rest + i)] = left[i * pitch + j];
  }
  solve_lower<T>(half, rest, {a, pitch, 1}, columns.data(), rest);
  for (int64_t i = 0; i < rest; ++i) {
    for (int64_t j = 0; j < half; ++j) left[i * pitch + j] = columns[size_t(j * rest + i)];
  }
  subtract_product<T>(rest, rest, half, {left, pitch, 1}, {left, 1, pitch}, left + half, pitch);
  return cholesky(left + half, rest, pitch);
}

}  // namespace

template <class T>
void solve_lower(int64_t n, int64_t columns, blas::Matrix<T> lower, T* b, int64_t pitch,
                 bool has_unit_diagonal) {
  if (n > block) {
    const int64_t half = n / 2;
    solve_lower<T>(half, columns, lower, b, pitch, has_unit_diagonal);
    // The rows solved so far may lie backward in memory, which a matrix's row distance can say.
    subtract_product<T>(n - half, columns, half, part(lower, half, 0), {b, pitch, 1},
                        b + half * pitch, pitch);
    return solve_lower<T>(n - half, columns, part(lower, half, half), b + half * pitch, pitch,
                          has_unit_diagonal);
  }
  for (int64_t i = 0; i < n; ++i) {
    T* const row = b + i * pitch;
    for (int64_t k = 0; k < i; ++k) {
      const T factor = lower.data[i * lower.row + k * lower.column];
      for (int64_t j = 0; j < columns; ++j) row[j] -= factor * b[k * pitch + j];
    }
    if (has_unit_diagonal) continue;
    const T diagonal = lower.data[i * (lower.row + lower.column)];
    for (int64_t j = 0; j < columns; ++j) row[j] /= diagonal;
  }
}

template <class T>
void solve_triangle(const T* a, Triangle triangle, T* b, int64_t rows, int64_t columns) {
  if (triangle.is_on_right) {
    // x op(a) = b is transpose(op(a)) transpose(x) = transpose(b).
    std::vector<T> turned = transposed_copy<T>(b, rows, columns);
    solve_triangle<T>(a, {triangle.is_lower, !triangle.is_transposed, false}, turned.data(),
                      columns, rows);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) b[i * columns + j] = turned[size_t(j * rows + i)];
    }
    return;
  }
  const int64_t n = rows, last = n - 1;
  blas::Matrix<T> matrix{a, n, 1};
  if (triangle.is_transposed) matrix = {a, 1, n};
  if (triangle.is_lower != triangle.is_transposed) {
    return solve_lower<T>(n, columns, matrix, b, columns);
  }
  // An upper triangle is a lower one, read from its last row and column.
  const blas::Matrix<T> backward{matrix.data + last * (matrix.row + matrix.column), -matrix.row,
                                 -matrix.column};
  solve_lower<T>(n, columns, backward, b + last * columns, -columns);
}

template <class T>
void multiply_triangle(const T* a, Triangle triangle, const T* b, int64_t rows, int64_t columns,
                       T alpha, T* out) {
  const int64_t n = triangle.is_on_right ? columns : rows;
  std::vector<T> whole(static_cast<size_t>(n * n));
  for (int64_t i = 0; i < n; ++i) {
    const int64_t begin = triangle.is_lower ? 0 : i, end = triangle.is_lower ? i + 1 : n;
    for (int64_t j = begin; j < end; ++j) whole[size_t(i * n + j)] = a[i * n + j];
  }
  if (triangle.is_on_right) {
    multiply<T>(false, triangle.is_transposed, rows, n, n, alpha, b, whole.data(), T(0), out);
  } else {
    multiply<T>(triangle.is_transposed, false, n, columns, n, alpha, whole.data(), b, T(0), out);
  }
}

template <class T>
bool factor_cholesky(T* a, int64_t n) {
  if (!cholesky(a, n, n)) return false;
  for (int64_t i = 0; i < n; ++i) std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0));
  return true;
}

template <class T>
void multiply(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, T alpha,
              const T* a, const T* b, T beta, T* c) {
  const blas::Matrix<T> left = transpose_a ? blas::transposed(a, m) : blas::row_major(a, k);
  const blas::Matrix<T> right = transpose_b ? blas::transposed(b, k) : blas::row_major(b, n);
  if (alpha == T(1) && (beta == T(0) || beta == T(1))) {
    return blas::gemm<T>(m, n, k, left, right, c, n, beta == T(1));
  }
  std::vector<T> product(static_cast<size_t>(m * n));
  blas::gemm<T>(m, n, k, left, right, product.data(), n, false);
  for (int64_t i = 0; i < m * n; ++i) {
    // 0 * c is 0 even where c is no number.
    c[i] = alpha * product[size_t(i)] + (beta == T(0) ? T(0) : beta * c[i]);
  }
}

#define TREADLE_TRIANGLE_FOR(T)                                                              \
  template void solve_lower<T>(int64_t, int64_t, blas::Matrix<T>, T*, int64_t, bool);        \
  template void solve_triangle<T>(const T*, Triangle, T*, int64_t, int64_t);                 \
  template void multiply_triangle<T>(const T*, Triangle, const T*, int64_t, int64_t, T, T*); \
  template bool factor_cholesky<T>(T*, int64_t);                                             \
  template void multiply<T>(bool, bool, int64_t, int64_t, int64_t, T, const T*, const T*, T, T*);
TREADLE_TRIANGLE_FOR(float)
TREADLE_TRIANGLE_FOR(double)
#undef TREADLE_TRIANGLE_FOR

}  // namespace treadle::linalg
