// Factors of general and symmetric matrices.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "treadle/operators/linalg/dense.h"

namespace treadle::linalg {
namespace {

// Columns that are eliminated one by one before the rest is brought up to date by a product.
constexpr int64_t panel = 32;

// Householder's reduction of a symmetric matrix to three diagonals, and the matrix that does it, in
// place of `v` (Martin, Reinsch and Wilkinson, 1968); row by row, n by n.
void reduce_to_three_diagonals(std::vector<double>& v, int64_t n, std::vector<double>& diagonal,
                               std::vector<double>& beside) {
  const auto at = [&](int64_t i, int64_t j) -> double& { return v[size_t(i * n + j)]; };
  std::vector<double>&d = diagonal, &e = beside;
  for (int64_t i = n - 1; i > 0; --i) {
    const int64_t l = i;  // elements left of the diagonal
    double scale = 0, h = 0;
    for (int64_t k = 0; k < l; ++k) scale += std::abs(at(i, k));
    if (l == 1 || scale == 0) {
      e[size_t(i)] = at(i, l - 1);
      d[size_t(i)] = 0;
      continue;
    }
    for (int64_t k = 0; k < l; ++k) {
      at(i, k) /= scale;
      h += at(i, k) * at(i, k);
    }
    const double f = at(i, l - 1), g = f > 0 ? -std::sqrt(h) : std::sqrt(h);
    e[size_t(i)] = scale * g;
    h -= f * g;
    at(i, l - 1) = f - g;
    double sum = 0;
    for (int64_t j = 0; j < l; ++j) {
      at(j, i) = at(i, j) / h;
      double product = 0;
      for (int64_t k = 0; k <= j; ++k) product += at(j, k) * at(i, k);
      for (int64_t k = j + 1; k < l; ++k) product += at(k, j) * at(i, k);
      e[size_t(j)] = product / h;
      sum += e[size_t(j)] * at(i, j);
    }
    const double shift = sum / (h + h);
    for (int64_t j = 0; j < l; ++j) {
      const double x = at(i, j);
      e[size_t(j)] -= shift * x;
      const double y = e[size_t(j)];
      for (int64_t k = 0; k <= j; ++k) at(j, k) -= x * e[size_t(k)] + y * at(i, k);
    }
    d[size_t(i)] = h;
  }
  d[0] = 0;
  e[0] = 0;
  std::vector<double> products(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    if (d[size_t(i)] != 0) {
      // Row by row through memory: all products with the columns at once.
      std::fill_n(products.begin(), i, 0.0);
      for (int64_t k = 0; k < i; ++k) {
        const double x = at(i, k);
        for (int64_t j = 0; j < i; ++j) products[size_t(j)] += x * at(k, j);
      }
      for (int64_t k = 0; k < i; ++k) {
        const double x = at(k, i);
        for (int64_t j = 0; j < i; ++j) at(k, j) -= products[size_t(j)] * x;
      }
    }
    d[size_t(i)] = at(i, i);
    at(i, i) = 1;
    for (int64_t j = 0; j < i; ++j) at(j, i) = at(i, j) = 0;
  }
}

// Implicit QL iteration on three diagonals; `vectors` has eigenvectors as rows and is turned along.
bool diagonalise(std::vector<double>& vectors, int64_t n, std::vector<double>& d,
                 std::vector<double>& e) {
  for (int64_t i = 1; i < n; ++i) e[size_t(i - 1)] = e[size_t(i)];
  e[size_t(n - 1)] = 0;
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  for (int64_t l = 0; l < n; ++l) {
    for (int round = 0;; ++round) {
      int64_t m = l;
      for (; m < n - 1; ++m) {
        const double size = std::abs(d[size_t(m)]) + std::abs(d[size_t(m + 1)]);
        if (std::abs(e[size_t(m)]) <= epsilon * size) break;
      }
      if (m == l) break;
      if (round == 60) return false;
      double g = (d[size_t(l + 1)] - d[size_t(l)]) / (2 * e[size_t(l)]);
      double r = std::hypot(g, 1.0);
      g = d[size_t(m)] - d[size_t(l)] + e[size_t(l)] / (g + (g < 0 ? -r : r));
      double s = 1, c = 1, p = 0;
      int64_t i = m - 1;
      for (; i >= l; --i) {
        const double f = s * e[size_t(i)], b = c * e[size_t(i)];
        r = std::hypot(f, g);
        e[size_t(i + 1)] = r;
        if (r == 0) {
          d[size_t(i + 1)] -= p;
          e[size_t(m)] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = d[size_t(i + 1)] - p;
        r = (d[size_t(i)] - g) * s + 2 * c * b;
        p = s * r;
        d[size_t(i + 1)] = g + p;
        g = c * r - b;
        double* const upper = &vectors[size_t(i * n)];
        double* const lower = upper + n;
        for (int64_t k = 0; k < n; ++k) {
          const double x = lower[k];
          lower[k] = s * upper[k] + c * x;
          upper[k] = c * upper[k] - s * x;
        }
      }
      if (r == 0 && i >= l) continue;
      d[size_t(l)] -= p;
      e[size_t(l)] = g;
      e[size_t(m)] = 0;
    }
  }
  return true;
}

}  // namespace

template <class T>
void factor_lu(T* a, int64_t n, std::vector<int64_t>& swapped) {
  swapped.assign(size_t(n), 0);
  for (int64_t first = 0; first < n; first += panel) {
    const int64_t end = std::min(n, first + panel);
    for (int64_t j = first; j < end; ++j) {
      int64_t best = j;
      for (int64_t i = j + 1; i < n; ++i) {
        if (std::abs(a[i * n + j]) > std::abs(a[best * n + j])) best = i;
      }
      swapped[size_t(j)] = best;
      if (best != j) std::swap_ranges(a + j * n, a + (j + 1) * n, a + best * n);
      const T pivot = a[j * n + j];
      if (pivot == T(0)) continue;
      for (int64_t i = j + 1; i < n; ++i) {
        const T factor = a[i * n + j] /= pivot;
        for (int64_t k = j + 1; k < end; ++k) a[i * n + k] -= factor * a[j * n + k];
      }
    }
    if (end == n) break;
    const int64_t width = end - first, rest = n - end;
    T* const right = a + first * n + end;
    solve_lower<T>(width, rest, {a + first * n + first, n, 1}, right, n, true);
    std::vector<T> product(static_cast<size_t>(rest * rest));
    blas::gemm<T>(rest, rest, width, {a + end * n + first, n, 1}, {right, n, 1}, product.data(),
                  rest, false);
    for (int64_t i = 0; i < rest; ++i) {
      for (int64_t k = 0; k < rest; ++k)
        a[(end + i) * n + end + k] -= product[size_t(i * rest + k)];
    }
  }
}

template <class T>
void invert_lu(const T* lu, const std::vector<int64_t>& swapped, int64_t n, T* inverse) {
  std::fill_n(inverse, n * n, T(0));
  for (int64_t i = 0; i < n; ++i) inverse[i * n + i] = T(1);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t other = swapped[size_t(i)];
    if (other != i) {
      std::swap_ranges(inverse + i * n, inverse + (i + 1) * n, inverse + other * n);
    }
  }
  solve_lower<T>(n, n, {lu, n, 1}, inverse, n, true);
  solve_triangle<T>(lu, {.is_lower = false, .is_transposed = false, .is_on_right = false}, inverse,
                    n, n);
}

template <class T>
void factor_lq(const T* a, int64_t rows, int64_t columns, T* q, T* l) {
  // Reflections that make one row after another lower triangular; in double, which costs little
  // beside reading the rows. Row i keeps its reflection from its diagonal on.
  std::vector<double> work(a, a + rows * columns), tau(static_cast<size_t>(rows));
  std::fill_n(l, rows * rows, T(0));
  const auto row = [&](int64_t i) { return &work[size_t(i * columns)]; };
  const auto reflect = [&](const double* v, int64_t first, double factor, double* x) {
    double sum = x[first];
    for (int64_t k = first + 1; k < columns; ++k) sum += v[k] * x[k];
    sum *= factor;
    x[first] -= sum;
    for (int64_t k = first + 1; k < columns; ++k) x[k] -= sum * v[k];
  };
  for (int64_t i = 0; i < rows; ++i) {
    double* const v = row(i);
    double rest = 0;
    for (int64_t k = i + 1; k < columns; ++k) rest += v[k] * v[k];
    if (rest > 0) {
      // The sign that does not cancel, as LAPACK takes it.
      const double size = std::sqrt(v[i] * v[i] + rest), diagonal = v[i] > 0 ? -size : size;
      const bool keeps_sign = v[i] == 0 && std::signbit(v[i]);
      const double placed = v[i] == 0 ? (keeps_sign ? size : -size) : diagonal;
      tau[size_t(i)] = (placed - v[i]) / placed;
      for (int64_t k = i + 1; k < columns; ++k) v[k] /= v[i] - placed;
      v[i] = placed;
    }
    for (int64_t k = i + 1; k < rows; ++k) reflect(v, i, tau[size_t(i)], row(k));
    for (int64_t k = 0; k <= i; ++k) l[i * rows + k] = T(v[k]);
  }
  std::vector<double> made(static_cast<size_t>(columns));
  for (int64_t i = 0; i < rows; ++i) {
    std::fill(made.begin(), made.end(), 0.0);
    made[size_t(i)] = 1;
    for (int64_t k = std::min(i, rows - 1); k >= 0; --k) {
      reflect(row(k), k, tau[size_t(k)], made.data());
    }
    for (int64_t k = 0; k < columns; ++k) q[i * columns + k] = T(made[size_t(k)]);
  }
}

template <class T>
bool factor_symmetric(const T* a, int64_t n, T* u, T* values) {
  std::vector<double> v(static_cast<size_t>(n * n)), d(static_cast<size_t>(n)), e(d);
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j <= i; ++j) {
      v[size_t(i * n + j)] = v[size_t(j * n + i)] = double(a[i * n + j]);
      if (!std::isfinite(v[size_t(i * n + j)])) return false;
    }
  }
  reduce_to_three_diagonals(v, n, d, e);
  // Eigenvectors as rows lie next to each other in memory, where they are turned.
  for (int64_t i = 0; i < n; ++i) {
    for (int64_t j = 0; j < i; ++j) std::swap(v[size_t(i * n + j)], v[size_t(j * n + i)]);
  }
  if (!diagonalise(v, n, d, e)) return false;
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t(0));
  std::stable_sort(order.begin(), order.end(),
                   [&](int64_t i, int64_t j) { return d[size_t(i)] < d[size_t(j)]; });
  for (int64_t i = 0; i < n; ++i) {
    const double* const from = &v[size_t(order[size_t(i)] * n)];
    const double* const largest = std::max_element(
        from, from + n, [](double x, double y) { return std::abs(x) < std::abs(y); });
    const double sign = *largest < 0 ? -1 : 1;
    for (int64_t k = 0; k < n; ++k) u[i * n + k] = T(sign * from[k]);
    values[i] = T(d[size_t(order[size_t(i)])]);
  }
  return true;
}

#define TREADLE_FACTOR_FOR(T)                                                     \
  template void factor_lu<T>(T*, int64_t, std::vector<int64_t>&);                 \
  template void invert_lu<T>(const T*, const std::vector<int64_t>&, int64_t, T*); \
  template void factor_lq<T>(const T*, int64_t, int64_t, T*, T*);                 \
  template bool factor_symmetric<T>(const T*, int64_t, T*, T*);
TREADLE_FACTOR_FOR(float)
TREADLE_FACTOR_FOR(double)
#undef TREADLE_FACTOR_FOR

}  // namespace treadle::linalg
