#include "treadle/operators/blas/gemm.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "treadle/device/pool.h"

namespace treadle::blas {
namespace {

// A block of a (rows_per_block x depth) and of b (depth x columns_per_block) is copied into panels
// that the innermost loop reads front to back; both lie on the stack (48 and 128 KiB in f32).
constexpr int64_t block_depth = 256;
constexpr int64_t block_rows = 48;
template <class T>
constexpr int64_t block_columns = 512 / int64_t(sizeof(T));

// The innermost loop: `Rows` x `columns` elements of c in registers, `Vectors` vectors of `Bytes`
// bytes per row. Explicit vectors, so that every compiler and option gives the same loop.
template <class T, int Bytes, int Rows, int Vectors>
struct Register {
  typedef T Vector __attribute__((vector_size(Bytes), may_alias));
  static constexpr int lanes = Bytes / int(sizeof(T));
  static constexpr int columns = lanes * Vectors;
  static constexpr int rows = Rows;

  template <size_t... I>
  __attribute__((always_inline)) static inline void multiply(int64_t depth, const T* a, const T* b,
                                                             T* c, int64_t leading, int64_t height,
                                                             int64_t width,
                                                             std::index_sequence<I...>) {
    Vector sum[Rows * Vectors] = {};
    for (int64_t p = 0; p < depth; ++p, a += Rows, b += columns) {
      const Vector* right = reinterpret_cast<const Vector*>(b);
      ((sum[I] = sum[I] + right[I % Vectors] * a[I / Vectors]), ...);
    }
    if (height == Rows && width == columns) {
      ((add_to(c + int64_t(I / Vectors) * leading + int64_t(I % Vectors) * lanes, sum[I])), ...);
    } else {
      alignas(64) T edge[Rows * columns];
      ((std::memcpy(edge + I * lanes, &sum[I], Bytes)), ...);
      for (int64_t i = 0; i < height; ++i) {
        for (int64_t j = 0; j < width; ++j) c[i * leading + j] += edge[i * columns + j];
      }
    }
  }

  __attribute__((always_inline)) static inline void add_to(T* c, const Vector& sum) {
    Vector old;
    std::memcpy(&old, c, Bytes);
    old += sum;
    std::memcpy(c, &old, Bytes);
  }
};

// Panels of `Height` rows: within a panel, depth outermost. Rows past the end are zeros.
template <int Height, class T>
__attribute__((always_inline)) inline void pack_rows(Matrix<T> a, int64_t rows, int64_t depth,
                                                     T* to) {
  for (int64_t i = 0; i < rows; i += Height, to += Height * depth) {
    const int64_t height = std::min<int64_t>(Height, rows - i);
    const T* from = a.data + i * a.row;
    if (height < Height) std::memset(to, 0, size_t(Height * depth) * sizeof(T));
    if (a.row == 1 && height == Height) {
      for (int64_t p = 0; p < depth; ++p) {
        std::memcpy(to + p * Height, from + p * a.column, size_t(Height) * sizeof(T));
      }
    } else if (a.row == 1) {
      for (int64_t p = 0; p < depth; ++p) {
        for (int64_t r = 0; r < height; ++r) to[p * Height + r] = from[r + p * a.column];
      }
    } else {
      for (int64_t r = 0; r < height; ++r) {
        for (int64_t p = 0; p < depth; ++p) to[p * Height + r] = from[r * a.row + p * a.column];
      }
    }
  }
}

template <class R, class T>
__attribute__((always_inline)) inline void gemm_loops(int64_t m, int64_t n, int64_t k, Matrix<T> a,
                                                      Matrix<T> b, T* c, int64_t leading) {
  static_assert(block_rows % R::rows == 0 && block_columns<T> % R::columns == 0);
  alignas(64) T left[block_rows * block_depth];
  alignas(64) T right[block_columns<T> * block_depth];
  for (int64_t j = 0; j < n; j += block_columns<T>) {
    const int64_t width = std::min(block_columns<T>, n - j);
    for (int64_t p = 0; p < k; p += block_depth) {
      const int64_t depth = std::min(block_depth, k - p);
      const Matrix<T> b_block{b.data + p * b.row + j * b.column, b.column, b.row};
      pack_rows<R::columns>(b_block, width, depth, right);
      for (int64_t i = 0; i < m; i += block_rows) {
        const int64_t height = std::min(block_rows, m - i);
        const Matrix<T> a_block{a.data + i * a.row + p * a.column, a.row, a.column};
        pack_rows<R::rows>(a_block, height, depth, left);
        for (int64_t jj = 0; jj < width; jj += R::columns) {
          for (int64_t ii = 0; ii < height; ii += R::rows) {
            R::multiply(depth, left + ii * depth, right + jj * depth,
                        c + (i + ii) * leading + j + jj, leading,
                        std::min<int64_t>(R::rows, height - ii),
                        std::min<int64_t>(R::columns, width - jj),
                        std::make_index_sequence<size_t(R::rows * R::columns / R::lanes)>());
          }
        }
      }
    }
  }
}

template <class T>
TREADLE_TARGET_BASELINE void gemm_baseline(int64_t m, int64_t n, int64_t k, Matrix<T> a,
                                           Matrix<T> b, T* c, int64_t leading) {
  gemm_loops<Register<T, 16, 4, 2>>(m, n, k, a, b, c, leading);
}
template <class T>
TREADLE_TARGET_AVX2 void gemm_avx2(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c,
                                   int64_t leading) {
  gemm_loops<Register<T, 32, 6, 2>>(m, n, k, a, b, c, leading);
}
template <class T>
TREADLE_TARGET_AVX512 void gemm_avx512(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b,
                                       T* c, int64_t leading) {
  gemm_loops<Register<T, 64, 8, 2>>(m, n, k, a, b, c, leading);
}

}  // namespace

template <class T>
void gemm(int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c, int64_t leading,
          bool adds, Isa isa) {
  if (!adds) {
    for (int64_t i = 0; i < m; ++i) std::fill_n(c + i * leading, n, T(0));
  }
  switch (isa) {
    case Isa::avx512: return gemm_avx512(m, n, k, a, b, c, leading);
    case Isa::avx2: return gemm_avx2(m, n, k, a, b, c, leading);
    case Isa::baseline: return gemm_baseline(m, n, k, a, b, c, leading);
  }
}

template <class T>
void gemm(Pool& pool, int64_t m, int64_t n, int64_t k, Matrix<T> a, Matrix<T> b, T* c,
          int64_t leading, bool adds) {
  constexpr int64_t tile_rows = 2 * block_rows, tile_columns = block_columns<T>;
  // Below this many multiplications a thread is woken in vain.
  constexpr int64_t worth_a_thread = 1 << 16;
  const int64_t across = (n + tile_columns - 1) / tile_columns;
  const int64_t down = (m + tile_rows - 1) / tile_rows;
  const int64_t work = tile_rows * tile_columns * std::max<int64_t>(k, 1);
  pool.parallel_for(0, across * down, std::max<int64_t>(1, worth_a_thread / work),
                    [&](int64_t begin, int64_t end) {
                      for (int64_t tile = begin; tile < end; ++tile) {
                        const int64_t i = tile / across * tile_rows,
                                      j = tile % across * tile_columns;
                        gemm(std::min(tile_rows, m - i), std::min(tile_columns, n - j), k,
                             Matrix<T>{a.data + i * a.row, a.row, a.column},
                             Matrix<T>{b.data + j * b.column, b.row, b.column}, c + i * leading + j,
                             leading, adds);
                      }
                    });
}

#define TREADLE_GEMM_FOR(T)                                                                       \
  template void gemm<T>(int64_t, int64_t, int64_t, Matrix<T>, Matrix<T>, T*, int64_t, bool, Isa); \
  template void gemm<T>(Pool&, int64_t, int64_t, int64_t, Matrix<T>, Matrix<T>, T*, int64_t, bool);
TREADLE_GEMM_FOR(float)
TREADLE_GEMM_FOR(double)
#undef TREADLE_GEMM_FOR

}  // namespace treadle::blas
